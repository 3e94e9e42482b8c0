// pg-keep: what is done with the room as a whole: its answers saved, a rehearsal, the key for another machine, the end of it.
// Properties in: code, key, simulated (how many of the learners are), act. Events out: over.
import { html, nothing } from 'lit';
import { copied } from './copy';
import { saving, type Act } from './board-parts';
import { Light } from './parts';
import type { Export } from './roomapi';
import { say } from './strings';

const files: Export[] = ['votes', 'answers', 'progress', 'json'];

export class Keep extends Light {
  static properties = { code: { attribute: false }, key: { attribute: false }, simulated: { attribute: false }, act: { attribute: false }, ending: { state: true }, copied: { state: true }, many: { state: true } };
  declare code: string;
  declare key: string;
  declare simulated: number;
  declare act: Act;
  declare ending: boolean; // it was asked for, and is told in words what it means
  declare copied?: boolean; // the key; undefined until it was asked for
  declare many: number;

  constructor() {
    super();
    this.ending = false;
    this.many = 24;
  }

  protected updated(changed: Map<string, unknown>) {
    super.updated(changed);
    if (changed.has('ending') && this.ending) this.querySelector<HTMLElement>('.ask button')?.focus({ preventScroll: true });
  }

  render() {
    const rehearse = (e: Event) => {
      e.preventDefault();
      void this.act((l) => l.rehearse(this.many), say('room.rehearsalNow', { n: this.many }));
    };
    return html`<h2 id="kh" class="h-sm">${say('room.thisRoom')}</h2>
      <div class="row wrap"><span class="cap">${say('room.save')}</span>${files.map((f) => html`<button class="btn sm" @click=${() => void this.act((l) => save(l.export(f), this.code, f), say('room.saved'))}>${saving}${say(`room.save.${f}`)}</button>`)}</div>
      <form class="row wrap" @submit=${rehearse}><label class="row"><span class="cap">${say('room.rehearse')}</span><input class="in num" type="number" min="1" max="60" required .value=${String(this.many)} @input=${(e: InputEvent) => (this.many = Number((e.target as HTMLInputElement).value) || this.many)} /></label><button class="btn sm">${say('room.fill')}</button>
        ${this.simulated ? html`<button type="button" class="btn sm" @click=${() => void this.act((l) => l.endRehearsal(), say('room.rehearsalOver'))}>${say('room.empty', { n: this.simulated })}</button>` : nothing}<span class="cap">${say('room.rehearseWhy')}</span></form>
      <div class="row wrap"><span class="cap">${say('room.elsewhere')}</span><button class="btn sm" @click=${() => void this.copyKey()}>${say('room.copyKey')}</button><span class="cap" role="status">${this.copied === undefined ? nothing : say(this.copied ? 'room.keyCopied' : 'room.keyNotCopied')}</span>${this.copied === false ? html`<details><summary class="cap">${say('room.showKey')}</summary><code>${this.key}</code></details>` : nothing}</div>
      ${this.ending
        ? html`<div class="ask" role="group" aria-label=${say('room.end')} @keydown=${(e: KeyboardEvent) => void (e.key === 'Escape' && this.close())}><p>${say('room.endWhy')}</p><p class="row wrap"><button class="btn do sm" @click=${() => void this.end()}>${say('room.endNow')}</button><button class="btn sm plain" @click=${() => this.close()}>${say('room.leave')}</button></p></div>`
        : html`<p><button class="btn sm ending" @click=${() => (this.ending = true)}>${say('room.end')}</button></p>`}`;
  }

  private close() {
    this.ending = false;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.ending')?.focus({ preventScroll: true }));
  }

  private async end() {
    if (await this.act((l) => l.end())) this.dispatchEvent(new CustomEvent('over', { bubbles: true }));
  }

  private async copyKey() {
    this.copied = await copied(this.key);
  }
}
customElements.define('pg-keep', Keep);

// save puts a file where the browser keeps its downloads. The key goes in a header, so the address of the file is one of this page.
export async function save(file: Promise<Blob>, code: string, what: Export) {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(await file);
  a.download = what === 'json' ? `room-${code}.json` : `room-${code}-${what}.csv`;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60_000); // the browser may ask where to put it first
}
