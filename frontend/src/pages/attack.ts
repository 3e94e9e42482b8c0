// attack.ts: the script of the page where an attack is run twice.
import './page';
import '../graph';
import '../attack';
