// home.ts: the script of the catalogue.
import './page';
import '../seated';
import '../wire';
import '../home';
