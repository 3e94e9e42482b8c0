// seated.ts: what every page of a learner asks: whether this browser has a seat in a room. All else comes only then.
import { kept } from './kept';

if (kept('seat')) void import('./seat');
