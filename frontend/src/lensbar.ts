// pg-lens: whose eyes the record is seen with. A radio group; on a phone a select. Properties in: lens, outside (the app under test
// takes Planner's place). Events out: lens.
import { html } from 'lit';
import { parties } from './lens';
import { glyph, Light } from './parts';
import { said, say } from './strings';

const all = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 4h12M2 8h12M2 12h12" /></svg>`;
const net = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 8h3m6 0h3M5 5.2h6v5.6H5zM7 8h2" /></svg>`;

export class Lens extends Light {
  static properties = { lens: { attribute: false }, outside: { attribute: false } };
  declare lens: string;
  declare outside: boolean;

  constructor() {
    super();
    this.lens = '';
    this.outside = false;
  }

  render() {
    const who = (p: string) => (p === 'client' && this.outside ? 'outside' : p);
    const set = (e: Event) => this.dispatchEvent(new CustomEvent('lens', { detail: (e.target as HTMLInputElement | HTMLSelectElement).value, bubbles: true }));
    const mark = (p: string) => (p === '' ? all : p === 'network' ? net : glyph(who(p)));
    return html`<fieldset class="row"><legend class="sr">${say('lens.legend')}</legend><span class="cap" aria-hidden="true">${say('lens.seeAs')}</span>
      <span class="seg">${parties.map((p) => html`<label class=${who(p)}><input type="radio" name="lens" value=${p} .checked=${this.lens === p} @change=${set} />${mark(p)}${said(`lens.${who(p)}`)}</label>`)}</span>
      <select aria-label=${say('lens.seeAs')} .value=${this.lens} @change=${set}>${parties.map((p) => html`<option value=${p} .selected=${this.lens === p}>${said(`lens.${who(p)}`)}</option>`)}</select></fieldset>`;
  }

  focus() {
    [...this.querySelectorAll<HTMLElement>('input:checked, select')].find((el) => el.getClientRects().length)?.focus();
  }
}
customElements.define('pg-lens', Lens);
