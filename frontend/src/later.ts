// later.ts: what a page asks for when somebody first looks closer: the inspector, tokens, the comparison, the switches, the way of a value,
// replaying, saving.
import './more';
import './exchange';
import './token';
import './diff';
import './policy';

export { following } from './following';
export { noted } from './lens-note';
export { Replay } from './replay';
export { save } from './save';
