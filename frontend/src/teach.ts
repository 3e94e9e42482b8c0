// pg-teach: where a room is opened, and where those that this browser leads are found again.
import { html, render } from 'lit';
import { claimed } from './claim';
import { held, hold, Leading, letGo, plainCode, rooms, shownCode, type Opened } from './roomapi';
import { say } from './strings';

export class Teach extends HTMLElement {
  private busy = false;

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

  private draw() {
    const list = held();
    const el = this.querySelector<HTMLElement>('#held')!;
    el.hidden = !list.length;
    render(html`<h2 id="held-h">${say('room.yours')}</h2><ul>${list.map((r) => html`<li class="row wrap"><a href="/teach/${r.code}"><b class="mono">${shownCode(r.code)}</b> ${r.title}</a> <span class="cap">${new Date(r.when).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}</span><span class="row end"><a class="btn sm" href="/projector/${r.code}">${say('room.projector')}</a><button class="btn sm plain" @click=${() => {
      letGo(r.code);
      this.draw();
    }}>${say('room.forget')}</button></span></li>`)}</ul><p class="cap">${say('room.yoursWhy')}</p>`, el);
  }
}
customElements.define('pg-teach', Teach);
