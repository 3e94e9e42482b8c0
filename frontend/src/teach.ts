// pg-teach: where a room is opened, and where those that this browser leads are found again.
import { html, nothing, render } from 'lit';
import { claimed } from './claim';
import { held, hold, Leading, letGo, plainCode, rooms, shownCode, type Opened } from './roomapi';
import { say } from './strings';

export class Teach extends HTMLElement {
  private busy = false;
  private asking = ''; // the code of the room that was to be forgotten: it is told in words first what that means

  connectedCallback() {
    this.form('#open', async (f) => this.enter(await rooms.open(String(f.get('title')).trim(), String(f.get('lesson')))));
    this.form('#key', async (f) => {
      const code = plainCode(String(f.get('code')));
      const key = String(f.get('key')).trim();
      await new Leading(code, key).rows(); // the key fits
      const { title } = await rooms.view(code);
      this.enter({ code, key, title, join: `${location.origin}/join/${code}`, projector: '' });
    });
    this.draw();
    claimed('').then((o) => o && this.enter(o), (e: Error) => this.fails(this.querySelector('.lead-in')!, e));
  }

  private enter(o: Opened) {
    hold(o);
    location.assign('/teach/' + o.code);
  }

  private form(which: string, act: (f: FormData) => Promise<void>) {
    const form = this.querySelector<HTMLFormElement>(which)!;
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      if (this.busy) return;
      this.busy = true;
      form.querySelector('.problem')?.remove();
      act(new FormData(form)).catch((e: Error) => this.fails(form, e)).finally(() => (this.busy = false));
    });
  }

  private fails(where: Element, e: Error) {
    const p = document.createElement('p');
    p.className = 'problem';
    p.setAttribute('role', 'alert');
    p.textContent = e.message;
    where.append(p);
  }

  private ask(code: string) {
    const was = this.asking;
    this.asking = code;
    this.draw();
    (this.querySelector<HTMLElement>('.ask button') ?? this.querySelectorAll<HTMLElement>('.forget')[held().findIndex((r) => r.code === was)])?.focus();
  }

  private confirm(code: string) {
    const go = () => {
      letGo(code);
      this.ask('');
    };
    return html`<div class="ask" role="group" aria-label=${say('room.forget')} @keydown=${(e: KeyboardEvent) => e.key === 'Escape' && this.ask('')}><p>${say('room.forgetWhy', { code: shownCode(code) })}</p><p class="row wrap"><button class="btn do sm" @click=${go}>${say('room.forgetNow')}</button><button class="btn sm plain" @click=${() => this.ask('')}>${say('room.leave')}</button></p></div>`;
  }

  private draw() {
    const list = held();
    const el = this.querySelector<HTMLElement>('#held')!;
    el.hidden = !list.length;
    render(html`<h2 id="held-h">${say('room.yours')}</h2><ul>${list.map((r) => html`<li class="row wrap"><a href="/teach/${r.code}"><b class="mono">${shownCode(r.code)}</b> ${r.title}</a> <span class="cap">${new Date(r.when).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}</span><span class="row end"><a class="btn sm" href="/projector/${r.code}">${say('room.projector')}</a><button class="btn sm plain forget" aria-expanded=${this.asking === r.code} @click=${() => this.ask(this.asking === r.code ? '' : r.code)}>${say('room.forget')}</button></span>${this.asking === r.code ? this.confirm(r.code) : nothing}</li>`)}</ul><p class="cap">${say('room.yoursWhy')}</p>`, el);
  }
}
customElements.define('pg-teach', Teach);
