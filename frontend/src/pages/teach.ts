// teach.ts: the script of the page where rooms are opened.
import './page';
import '../teach';
