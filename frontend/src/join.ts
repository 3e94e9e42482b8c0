// pg-join: a learner takes a seat in a room. The server sent a form that says what a room needs; here its code is looked up while it is
// typed, a free name is offered, and who has joined goes where the class is.
import { html, nothing, render } from 'lit';
import { plainCode, rooms, Seated, shownCode } from './roomapi';
import { lasts, seat, sit } from './seat-kept';
import { say } from './strings';

class Join extends HTMLElement {
  private form!: HTMLFormElement;
  private offered = ''; // the name that stands there unless somebody writes another
  private asked = ''; // the code that was looked up last
  private busy = false;

  connectedCallback() {
    this.form = this.querySelector('form')!;
    this.form.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.join();
    });
    this.code.addEventListener('input', () => void this.look());
    this.code.addEventListener('blur', () => (this.code.value = shownCode(plainCode(this.code.value))));
    addEventListener('unseated', () => this.draw());
    const s = seat();
    if (s && !this.code.value) this.code.value = shownCode(s.code);
    this.draw();
    if (s) void import('./seat');
    if (!s || plainCode(this.code.value) !== s.code) void this.look();
  }

  private get code() {
    return this.form.elements.namedItem('code') as HTMLInputElement;
  }

  private get named() {
    return this.form.elements.namedItem('name') as HTMLInputElement;
  }

  // look asks for the room as soon as its code is whole.
  private async look() {
    const code = plainCode(this.code.value);
    if (code === this.asked) return;
    this.asked = code;
    this.about('');
    if (code.length !== 6) return;
    try {
      const room = await rooms.view(code);
      if (code !== this.asked) return;
      this.about(say('seat.found', { title: room.title || say('seat.room', { code: shownCode(code) }), n: room.here }));
      if (!this.named.value || this.named.value === this.offered) this.named.value = this.offered = room.name;
    } catch (e) {
      if (code === this.asked) this.about((e as Error).message);
    }
  }

  private about(text: string) {
    this.querySelector('#join-room')!.textContent = text;
  }

  private problem(text: string) {
    render(text ? html`<p class="problem" role="alert">${text}</p>` : nothing, this.querySelector<HTMLElement>('.join-said')!);
  }

  private async join() {
    if (this.busy) return;
    this.busy = true;
    this.problem('');
    try {
      const code = plainCode(this.code.value);
      if (code.length !== 6) throw new Error(say('seat.codeLength'));
      const taken = await rooms.join(code, this.named.value.trim());
      const before = seat();
      if (before) void new Seated(before.code, before.key).leave().catch(() => undefined); // where it can't be told, that room sees that nobody is here
      sit(taken);
      document.querySelector('pg-seat')?.remove();
      this.draw();
      this.querySelector('h1')!.focus();
      (await import('./seat')).take();
    } catch (e) {
      this.problem((e as Error).message);
    }
    this.busy = false;
  }

  // draw shows the form, or where a learner who has a seat can go.
  private draw() {
    const s = seat();
    const here = s && (!this.code.value || plainCode(this.code.value) === s.code);
    this.form.hidden = Boolean(here);
    this.querySelector<HTMLElement>('.join-lessons')!.hidden = !here;
    this.querySelector('h1')!.textContent = here ? s.title || say('seat.room', { code: shownCode(s.code) }) : say('seat.join');
    let said = this.querySelector<HTMLElement>('.join-in');
    if (!said) {
      said = document.createElement('div');
      said.className = 'join-in stack';
      this.form.before(said);
    }
    render(
      here
        ? html`<p class="join-you" role="status">${say('seat.youAre', { name: s.learner.name })}</p>
            <p class="soft">${say(lasts() ? 'seat.wait' : 'seat.waitHere')}</p>
            <p><button class="btn" @click=${() => void import('./seat').then((m) => m.leave())}>${say('seat.leave')}</button></p>`
        : s ? html`<p class="note">${say('seat.elsewhere', { title: s.title || say('seat.room', { code: shownCode(s.code) }), name: s.learner.name })}</p>` : nothing,
      said,
    );
  }
}
customElements.define('pg-join', Join);
