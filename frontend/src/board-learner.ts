// pg-learner: one learner: the last request that was refused, with the checks that ran, and what can be done for them.
// Properties in: row, act. Events out: wire (an id: show their wire).
import { html, nothing } from 'lit';
import { arrow, Panel, type Act } from './board-parts';
import { who } from './parts';
import type { LearnerRow, Refusal } from './room-messages';
import { say } from './strings';
import { verdict } from './verdict';

export class LearnerPanel extends Panel {
  static properties = { row: { attribute: false }, act: { attribute: false }, asking: { state: true }, text: { state: true } };
  declare row?: LearnerRow;
  declare act: Act;
  declare asking: '' | 'hint' | 'reset' | 'remove'; // what is open below the buttons
  declare text: string; // of the hint
  protected home = 'h2[tabindex]'; // of nobody: who was shown is gone

  constructor() {
    super();
    this.asking = this.text = '';
  }

  protected willUpdate(changed: Map<string, unknown>) {
    super.willUpdate(changed);
    if (changed.has('row') && (changed.get('row') as LearnerRow | undefined)?.id !== this.row?.id) this.asking = this.text = '';
  }

  protected updated(changed: Map<string, unknown>) {
    super.updated(changed);
    if (changed.has('asking') && this.asking) this.querySelector<HTMLElement>('.ask textarea, .ask button')?.focus({ preventScroll: true });
  }

  render() {
    const r = this.row;
    if (!r) return html`<h2 id="pk" class="h-sm" tabindex="-1">${say('room.learner')}</h2><p class="soft">${say('room.choose')}</p>`;
    return html`<header class="row spread wrap"><h2 id="pk" class="h-sm">${r.error ? say('room.theirError', { name: r.name, n: r.error.n }) : r.name}</h2>${r.sandbox ? html`<button class="link cap" @click=${() => this.dispatchEvent(new CustomEvent('wire', { detail: r.id, bubbles: true }))}>${say('room.openWire')}</button>` : nothing}</header>
      ${r.error ? this.refusal(r.error) : html`<p class="soft">${say(r.sandbox ? 'room.noError' : 'room.noSandbox', { name: r.name })}</p>`}
      <div class="row wrap">${this.button('hint', say('room.hint'))}${r.sandbox ? this.button('reset', say('room.reset')) : nothing}${this.button('remove', say('room.remove'))}</div>
      ${this.asking ? this.ask(r) : nothing}`;
  }

  private refusal(e: Refusal) {
    const list = e.verdicts ?? [];
    const failed = list.filter((v) => v.outcome === 'fail');
    const rest = list.filter((v) => v.outcome !== 'fail');
    return html`<p class="row wrap req-line"><span class="mono"><b>${e.method}</b> ${e.path}</span><span class="row">${who(e.from)}${arrow}<span class="sr">${say('inspector.to')}</span>${who(e.to)}</span><b class="stopped mono end">${e.status} ${e.error}</b></p>
      ${failed.length ? html`<ol class="trace">${failed.map((v) => verdict(v, undefined))}</ol>` : nothing}
      ${rest.length ? html`<details><summary class="cap">${say('room.otherChecks', { n: rest.length })}</summary><ol class="trace">${rest.map((v) => verdict(v, undefined))}</ol></details>` : nothing}`;
  }

  private button(what: 'hint' | 'reset' | 'remove', label: string) {
    const open = this.asking === what;
    return html`<button class="btn sm" aria-expanded=${open} @click=${() => (this.asking = open ? '' : what)}>${label}</button>`;
  }

  private ask(r: LearnerRow) {
    const close = () => {
      const was = this.asking;
      this.asking = '';
      void this.updateComplete.then(() => this.querySelectorAll<HTMLElement>('button[aria-expanded]')[['hint', 'reset', 'remove'].indexOf(was)]?.focus({ preventScroll: true }));
    };
    const key = (e: KeyboardEvent) => void (e.key === 'Escape' && close());
    if (this.asking === 'hint') {
      const send = async (e: Event) => {
        e.preventDefault();
        const text = this.text.trim();
        if (!text || !(await this.act((l) => l.hint(r.id, text), say('room.hintSent', { name: r.name })))) return;
        this.text = '';
        close();
      };
      return html`<form class="ask" @submit=${send} @keydown=${key}><label><span class="h-sm">${say('room.hintFor', { name: r.name })}</span><textarea class="in" rows="2" maxlength="500" required .value=${this.text} @input=${(e: InputEvent) => (this.text = (e.target as HTMLTextAreaElement).value)}></textarea></label>
        <p class="row"><button class="btn do sm">${say('room.sendHint')}</button><button type="button" class="btn sm plain" @click=${close}>${say('page.close')}</button></p></form>`;
    }
    const remove = this.asking === 'remove';
    const go = async () => {
      if (await this.act((l) => (remove ? l.remove(r.id) : l.reset(r.id)), say(remove ? 'room.removed' : 'room.wasReset', { name: r.name }))) close();
    };
    return html`<div class="ask" role="group" aria-label=${say(remove ? 'room.remove' : 'room.reset')} @keydown=${key}><p>${say(remove ? 'room.removeWhy' : 'room.resetWhy', { name: r.name })}</p>
      <p class="row"><button class="btn do sm" @click=${go}>${say(remove ? 'room.removeNow' : 'room.resetNow', { name: r.name })}</button><button class="btn sm plain" @click=${close}>${say('room.leave')}</button></p></div>`;
  }
}
customElements.define('pg-learner', LearnerPanel);
