// pg-policy: the switches, asked for when somebody opens them. Each protection is enforced, observed or off. Properties in: view, used (the checks that have run).
// Events out: policy. A switch is saved when the server's view says so; until then it says that it is being saved, and when the
// view comes back without it, that it was not changed.
import { html, nothing } from 'lit';
import type { Info, View } from './wire.gen';
import { Light } from './parts';
import { switches } from './switches';
import { actor, said, say } from './strings';

const modes: [string, string][] = [['enforce', 'en'], ['observe', 'ob'], ['off', 'of']];

export class Policy extends Light {
  static properties = { view: { attribute: false }, used: { attribute: false } };
  declare view?: View;
  declare used: Set<string>;
  private wanted = new Map<string, string>(); // sent, and not yet answered
  private answered = new Map<string, boolean>(); // saved, or not

  constructor() {
    super();
    this.used = new Set();
  }

  protected willUpdate(changed: Map<string, unknown>) {
    if (!changed.has('view')) return;
    for (const [id, mode] of this.wanted) this.answered.set(id, this.view?.policy[id] === mode);
    this.wanted.clear();
  }

  render() {
    const all = this.view ? switches(this.view, this.used) : [];
    const where = [...new Set(all.map((c) => c.id.split('.')[0]!))];
    return html`<section id="protections" class="pol-panel" aria-label=${say('protections.protections')}>${all.length
      ? where.map((w) => html`<h3 class="h-sm">${say('protections.at', { who: actor(w) })}</h3><ul class="pol">${all.filter((c) => c.id.startsWith(w + '.')).map((c) => this.check(c))}</ul>`)
      : html`<p class="cap">${say('protections.noneUsed')}</p>`}</section>`;
  }

  private check(c: Info) {
    const mode = this.wanted.get(c.id) ?? this.view!.policy[c.id]!;
    const [where, name] = [c.id.split('.')[0]!, c.id.split('.').slice(1).join('.')];
    const saved = this.answered.get(c.id);
    const state = this.wanted.has(c.id) ? say('protections.saving') : saved === undefined ? '' : saved ? say('protections.saved') : say('protections.refused', { mode: said(`protections.${mode}`) ?? mode });
    return html`<li><div class="row spread"><span class="nm mono">${name}</span>
      <span class="tri" role="radiogroup" aria-label="${name}, ${actor(where)}" aria-busy=${this.wanted.has(c.id) ? 'true' : nothing}>${modes.map(([m, k]) => html`<label class=${k}><input type="radio" name="p-${c.id}" value=${m} ?disabled=${!c.modes.includes(m)} .checked=${mode === m} @change=${() => this.set(c.id, m)} />${said(`protections.${m}`)}</label>`)}</span></div>
      <div class="ds">${c.title} <span class="ref">${c.spec}</span> <b role="status" class=${saved === false ? 'stopped' : ''}>${state}</b></div></li>`;
  }

  private set(id: string, mode: string) {
    this.wanted.set(id, mode);
    this.requestUpdate();
    this.dispatchEvent(new CustomEvent('policy', { detail: { [id]: mode }, bubbles: true }));
  }
}
customElements.define('pg-policy', Policy);
