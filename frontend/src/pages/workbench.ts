// workbench.ts: the script of the workbench.
import './page';
import './evidence';
import '../workbench';
