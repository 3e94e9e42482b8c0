// states.ts: how the record stands to the world, in words and with the one act that helps: a bar above the wire, or what stands in
// place of a wire without anything on it.
import { html, nothing } from 'lit';
import { say } from './strings';

// State is live, or why it is not.
export type State = 'live' | 'loading' | 'lost' | 'stale' | 'full' | 'read';

const patience = 30_000; // ms without a connection, after which "reconnecting" is too little to say
const soon = 3000; // ms in which what was missed has come

// Absence remembers where a connection was lost, to say what came meanwhile.
export class Absence {
  back = 0; // exchanges that came while there was no connection
  private lost?: { rows: number; at: number; timer: number };
  private found?: { rows: number; until: number };

  // watch is told whether there is a connection, and how many exchanges are here. While there is none, it asks to be drawn again.
  watch(lost: boolean, rows: number, draw: () => void) {
    if (lost) {
      this.lost ??= { rows: this.found?.rows ?? rows, at: Date.now(), timer: window.setInterval(draw, patience / 3) };
      this.found = undefined;
    } else if (this.lost) {
      window.clearInterval(this.lost.timer);
      this.found = { rows: this.lost.rows, until: Date.now() + soon };
      this.lost = undefined;
    }
    if (this.found && Date.now() < this.found.until) this.back = Math.max(0, rows - this.found.rows);
  }

  told() {
    this.back = 0;
    this.found = undefined;
  }

  // bar says that there is no connection, and after a while, how long that has been and what can be done.
  bar(last: number, retry?: () => void) {
    const s = Math.round((Date.now() - (this.lost?.at ?? Date.now())) / 1000);
    return s * 1000 < patience ? bar(say('wire.state.lost'), false) : bar(say('wire.state.away', { s, n: last }), true, say('wire.act.lost'), retry);
  }
}

// bar is a sentence and more, the first of them in bold, with an act.
export function bar(text: string, bad: boolean, label = '', act?: () => void) {
  const [, head, rest] = /^(.*?[.!?])(?:\s+(.*))?$/.exec(text) ?? ['', text, ''];
  return html`<div class="st-bar ${bad ? 'bad' : ''}" role="status">${bad ? alarm : again}<span><b>${head}</b> ${rest}</span>${act ? html`<button class="btn sm end" @click=${act}>${label}</button>` : nothing}</div>`;
}

// empty says what brings something onto the wire, and does it.
export const empty = (text: string, begin?: { label: string; run(): void }) =>
  html`<div class="nothing"><p class="q">${say('wire.nothing')}</p><p class="soft">${text}</p>${begin ? html`<button class="btn do" @click=${() => begin.run()}>${begin.label}</button>` : nothing}</div>`;

export const loading = () => html`<div class="sk" aria-busy="true"><i></i><i></i><i></i><p class="cap">${say('wire.state.loading')}</p></div>`;

const again = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M12.8 6A5.2 5.2 0 1 0 13 9.6M13 2.8V6H9.8" /></svg>`;
const alarm = html`<svg class="i stopped" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2.5 14 13H2zM8 6.5v3m0 1.7v.1" /></svg>`;
