// evidence.ts: the elements of the right side, for the pages that have one.
import '../wire';
import '../lensbar';
import '../clock';
