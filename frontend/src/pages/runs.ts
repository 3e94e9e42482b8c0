// runs.ts: the script of the page where runs are opened that came as files.
import './page';
import './evidence';
import '../runs';
