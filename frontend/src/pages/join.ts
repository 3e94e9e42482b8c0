// join.ts: the script of the page where a learner takes a seat in a room.
import './page';
import '../join';
