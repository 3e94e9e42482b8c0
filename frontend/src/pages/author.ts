// author.ts: the script of every page whose text may change while it is open.
import '../author';
