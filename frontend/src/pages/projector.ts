// projector.ts: the script of the room on the wall.
import '../projector';
