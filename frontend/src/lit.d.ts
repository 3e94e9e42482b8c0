// The vendored Lit has its repeat directive beside the core: see vendor/README.md.
import 'lit';

declare module 'lit' {
  export const repeat: typeof import('lit/directives/repeat.js').repeat;
}
