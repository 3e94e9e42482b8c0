// more.ts: the sentences of what a page asks for later. They come with the first part of it; each part imports this before all else.
import more from '../strings/en.json?later' with { type: 'json' };
import { learn } from './strings';

learn(more);
