// diff.ts: the comparison, which a page loads when it is asked for.
export { define } from '../diff';
