// pg-request: a request that the lesson sends. Where the learner may change it, its text is a field that keeps what was typed.
import { say } from './strings';

export class Request extends HTMLElement {
  connectedCallback() {
    const pre = this.querySelector('pre');
    if (!pre || !this.hasAttribute('data-edit')) return;
    const t = document.createElement('textarea');
    t.name = this.dataset['index']!;
    t.className = 'http';
    t.rows = Math.min(12, (pre.textContent ?? '').split('\n').length + 1);
    t.spellcheck = false;
    t.value = pre.textContent ?? '';
    t.setAttribute('aria-label', say('request.editable'));
    pre.replaceWith(t);
  }
}
customElements.define('pg-request', Request);
