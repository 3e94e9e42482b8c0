// board.ts: the script of a room's board.
import './page';
import '../board';
