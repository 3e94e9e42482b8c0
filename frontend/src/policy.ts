// pg-policy: the switches. Each protection is enforced, observed or off. Properties in: view, used (the checks that have run).
// Events out: policy.
import { html } from 'lit';
import type { Info, View } from './wire.gen';
import { Light } from './parts';
import { say } from './strings';

const modes: [string, string][] = [['enforce', 'en'], ['observe', 'ob'], ['off', 'of']];

export class Policy extends Light {
  static properties = { view: { attribute: false }, used: { attribute: false } };
  declare view?: View;
  declare used: Set<string>;

  constructor() {
    super();
    this.used = new Set();
  }

  render() {
    const all = (this.view?.checks ?? []).filter((c) => c.modes.length > 1 && (this.used.has(c.id) || this.view!.policy[c.id] !== c.default));
    return html`<section class="pol-panel" aria-label=${say('wire.protections')}>${all.length ? html`<ul class="pol">${all.map((c) => this.check(c))}</ul>` : html`<p class="cap">${say('protections.noneUsed')}</p>`}</section>`;
  }

  private check(c: Info) {
    const now = this.view!.policy[c.id];
    return html`<li><span><span class="nm mono">${c.id}</span> <span class="ref">${c.spec}</span></span>
      <span class="tri" role="radiogroup" aria-label=${c.id}>${modes.map(([m, k]) => html`<label class=${k}><input type="radio" name=${`p-${c.id}`} value=${m} .checked=${now === m} @change=${() => this.set(c.id, m)} />${m}</label>`)}</span>
      <span class="ds">${c.title}</span></li>`;
  }

  private set(id: string, mode: string) {
    this.dispatchEvent(new CustomEvent('policy', { detail: { [id]: mode }, bubbles: true }));
  }
}
customElements.define('pg-policy', Policy);
