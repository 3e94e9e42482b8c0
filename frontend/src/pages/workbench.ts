// workbench.ts: the script of the workbench.
import './page';
import '../seated';
import './evidence';
import '../workbench';
