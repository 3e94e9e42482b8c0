// home.ts: the script of the catalogue.
import './page';
import '../wire';
import '../home';
