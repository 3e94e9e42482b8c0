// seated.ts: what every page asks: whether this browser has a seat in a room. All else comes only then, and not on the pages of who leads one.
import { kept } from './kept';

if (kept('seat') && !document.querySelector('pg-room, pg-teach')) void import('./seat');
