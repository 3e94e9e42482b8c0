// seat.ts: a learner's seat in a room, on every page. pg-seat is the bar that says which room it is and how it stands; it follows the
// room's stream, goes where the class goes, and shows the room's vote. It comes only to who has a seat.
import './more';
import { html, nothing } from 'lit';
import { Problem, Sandbox } from './api';
import { keepDrafts } from './drafts';
import { Light } from './parts';
import type { RoomMessage, RoomState, You } from './room-messages';
import { Seated, shownCode } from './roomapi';
import { closeBadKey, RoomStream } from './roomstream';
import { know, lasts, seat, unseat, type KeptSeat, type Why } from './seat-kept';
import type { Ballot, Mine } from './seat-vote';
import { roundOf } from './seat-vote';
import { addressOf, Clock, clocked, wayOf, type Place } from './seat-way';
import { say } from './strings';
import type { Created } from './wire.gen';

// sandbox makes a sandbox of the seat. Who has lost the seat goes on alone with one of their own.
export async function sandbox(lesson: string): Promise<Created> {
  const s = seat();
  try {
    if (s) return await new Seated(s.code, s.key).sandbox(lesson);
  } catch (e) {
    if (!lost(s!, e)) throw e;
  }
  return Sandbox.create({ lesson });
}

// lost tells whether a seat is no more, and gives it up then.
function lost(s: KeptSeat, e: unknown): boolean {
  const why: Why | undefined = !(e instanceof Problem) ? undefined : e.status === 404 ? 'ended' : e.status === 401 ? 'gone' : undefined;
  if (why) unseat(s, why);
  return why !== undefined;
}

// typing tells whether the learner is in a field: nothing may take the focus from it.
function typing(): boolean {
  const at = document.activeElement;
  return at?.matches('textarea, select, iframe, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])') ?? false;
}

export class SeatBar extends Light {
  static properties = { room: { state: true }, you: { state: true }, link: { state: true }, waits: { state: true }, left: { state: true }, over: { state: true }, problem: { state: true }, said: { state: true }, voting: { state: true } };
  declare room?: RoomState;
  declare you?: You;
  declare link: 'connecting' | 'live' | 'lost';
  declare waits?: Place & { title: string }; // where the class goes, while the learner is in a field
  declare left: number; // seconds of the timer
  declare over?: Why; // the seat is no more
  declare problem: string;
  declare said: string; // told once
  declare voting: boolean; // a vote is on its way
  private mine!: KeptSeat;
  private stream?: RoomStream;
  private clock = new Clock();
  private ticking = 0;
  private pressed = false; // a pointer is down
  private typed = false; // into a page that does not keep it, as a lesson does
  private leaving = false; // of the learner's own will
  private away = new AbortController(); // out of the page
  private ballot?: Ballot;

  constructor() {
    super();
    this.link = 'connecting';
    this.problem = this.said = '';
    this.left = 0;
    this.voting = false;
  }

  private get api() {
    return new Seated(this.mine.code, this.mine.key);
  }

  connectedCallback() {
    super.connectedCallback();
    this.mine = seat()!;
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', say('seat.bar'));
    this.stream = new RoomStream(this.mine.code, this.mine.key, {
      message: (m) => this.message(m),
      state: (s) => (this.link = s),
      gone: (code) => unseat(this.mine, code === closeBadKey ? 'gone' : 'ended'),
    });
    new ResizeObserver(() => document.documentElement.style.setProperty('--seat', `${this.offsetHeight}px`)).observe(this); // for what sticks below it
    const on = (name: string, act: (e: Event) => unknown, capture = false) => addEventListener(name, act, { capture, signal: this.away.signal });
    on('unseated', (e) => this.gone((e as CustomEvent<Why>).detail));
    on('input', (e) => (this.typed ||= typing() && !document.querySelector('pg-lesson') && !this.ballot?.contains(e.target as Node)));
    on('submit', () => (this.typed = false));
    on('pointerdown', () => (this.pressed = true), true);
    for (const end of ['pointerup', 'pointercancel']) on(end, () => ((this.pressed = false), this.looks()), true);
    for (const left of ['focusout', 'focusin', 'focus']) on(left, () => this.looks());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.away.abort();
    this.stream?.close();
    window.clearInterval(this.ticking);
    this.ballot?.remove();
  }

  private message(m: RoomMessage) {
    if (m.type === 'you') this.you = m;
    if (m.type === 'room') this.took(m);
    this.drawBallot();
  }

  private took(room: RoomState) {
    const before = this.room;
    this.room = room;
    this.clock.heard(room.timer?.now ?? room.now);
    this.tick();
    this.shut(room.locked);
    if (before && before.locked !== room.locked) this.said = say(room.locked ? 'seat.lockedWhy' : 'seat.unlocked');
    if (room.vote && (before?.vote?.ask !== room.vote.ask || before.vote.phase !== room.vote.phase)) this.said = before ? `${say('seat.vote')}. ${say(`seat.phase.${room.vote.phase}`)}` : '';
    const { known, go } = wayOf(room, this.mine); // by what this page knows: another tab goes by itself
    if (known.brought !== this.mine.brought || known.at !== this.mine.at) know(this.mine, known);
    this.mine = { ...this.mine, ...known };
    if (go) this.goes(go);
  }

  // Where the class goes

  // here is the lesson and the step that the page shows.
  private here(): Place {
    return { lesson: document.querySelector('pg-lesson')?.getAttribute('slug') ?? '', step: document.querySelector('.step.now')?.id ?? '' };
  }

  private goes(to: Place) {
    const here = this.here();
    if (here.lesson === to.lesson && here.step === (to.step || 'intro')) this.waits = undefined;
    else if (typing() || this.typed || !this.keeps) void this.name(to);
    else this.go(to);
  }

  // name says where the class goes, as the board does: 8.9 Attack.
  private async name(to: Place) {
    this.waits = { ...to, title: '' };
    const lesson = await fetch(`/api/lessons/${to.lesson}`).then((r) => r.json() as Promise<{ number: number; title: string; steps: { id: string; title: string }[] }>).catch(() => undefined);
    const n = lesson?.steps.findIndex((s) => s.id === to.step) ?? -1;
    const title = !lesson ? to.lesson : n < 0 ? `${lesson.number} ${lesson.title}` : `${lesson.number}.${n + 1} ${lesson.steps[n]!.title}`;
    if (this.waits?.lesson === to.lesson && this.waits.step === to.step) this.waits = { ...to, title };
  }

  // keeps: a seat that this browser can't keep is lost with its page, so that the page must not go by itself.
  private get keeps() {
    return lasts();
  }

  private go(to: Place) {
    this.waits = undefined;
    const address = addressOf(to);
    if (this.here().lesson !== to.lesson) return location.assign(address);
    location.hash = address.slice(address.indexOf('#'));
  }

  // looks goes where the class is once the field is left, and what was pressed there has been done.
  private looks() {
    if (!this.waits || !this.keeps || this.typed) return;
    setTimeout(() => {
      if (this.waits && !this.pressed && !typing()) this.go(this.waits);
    });
  }

  // The room's timer, lock and vote

  private tick() {
    window.clearInterval(this.ticking);
    const count = () => {
      const ends = this.room?.timer?.ends;
      const left = ends ? this.clock.left(ends) : 0;
      if (ends && this.left && !left) this.said = say('seat.timeUp');
      this.left = left;
      if (!left) window.clearInterval(this.ticking);
    };
    this.ticking = window.setInterval(count, 250);
    count();
  }

  // shut tells the questions of the page why they take no answer.
  private shut(locked: boolean) {
    const why = locked ? say('seat.lockedWhy') : undefined;
    if (document.body.dataset['shut'] === why) return;
    if (why) document.body.dataset['shut'] = why;
    else delete document.body.dataset['shut'];
    for (const form of document.querySelectorAll('pg-quiz form, pg-predict form')) form.dispatchEvent(new Event('change'));
  }

  private drawBallot() {
    const vote = this.room?.vote;
    if (!vote || (vote.phase as string) === 'over' || this.over) {
      this.ballot?.remove();
      this.ballot = undefined;
      return;
    }
    if (!this.ballot) {
      this.ballot = document.createElement('pg-ballot') as Ballot;
      this.ballot.id = 'ballot';
      this.ballot.addEventListener('cast', (e) => void this.cast((e as CustomEvent<Mine>).detail));
      const place = document.querySelector('.hands') ?? document.querySelector('main');
      place?.prepend(this.ballot);
      if (!typing()) place?.scrollTo?.({ top: 0 });
    }
    Object.assign(this.ballot, { vote, mine: this.you?.vote ?? undefined, shut: document.body.dataset['shut'] ?? '' });
  }

  private async cast(v: Mine) {
    const ballot = this.ballot!;
    ballot.busy = true;
    try {
      await this.api.vote(v.ask, v.round, v.answer);
      ballot.took();
      if (this.you) this.you = { ...this.you, vote: v }; // the room tells it too, a moment later
      this.drawBallot();
    } catch (e) {
      if (!lost(this.mine, e)) ballot.problem = (e as Error).message;
    }
    ballot.busy = false;
  }

  // tell does something in the room, and says in words what went wrong.
  private async tell(what: () => Promise<unknown>) {
    this.problem = '';
    try {
      await what();
    } catch (e) {
      if (!lost(this.mine, e)) this.problem = (e as Error).message;
    }
  }

  private hand() {
    const up = !this.you?.hand;
    void this.tell(async () => {
      await this.api.hand(up);
      if (this.you) this.you = { ...this.you, hand: up };
      this.said = say(up ? 'seat.handUp' : 'seat.handDown');
    });
  }

  private putAway(n: number) {
    void this.tell(async () => {
      await this.api.seen(n);
      if (this.you?.hint?.n === n) this.you = { ...this.you, hint: null };
      this.querySelector<HTMLElement>('.seat-hand')?.focus({ preventScroll: true }); // its button is gone
    });
  }

  // leave gives the seat up here and in the room. Where that can't be told it stays, and a sentence says so.
  async leave() {
    this.leaving = true;
    await this.tell(async () => {
      await this.api.leave();
      unseat(this.mine, 'left');
    });
    this.leaving = false;
    await this.updateComplete;
    if (this.over) this.querySelector<HTMLElement>('button')?.focus({ preventScroll: true }); // what was pressed is gone
  }

  // gone: the seat is no more. The page stays as it is. Who leaves may hear first from elsewhere that the seat is gone.
  private gone(why: Why) {
    if (this.over) return;
    this.stream?.close();
    window.clearInterval(this.ticking);
    this.over = this.leaving ? 'left' : why;
    this.waits = undefined;
    this.shut(false);
    this.drawBallot();
  }

  private toBallot() {
    this.ballot?.scrollIntoView({ block: 'nearest' });
    this.ballot?.focus({ preventScroll: true });
  }

  render() {
    const room = this.room;
    const title = room?.title || this.mine.title || say('seat.room', { code: shownCode(this.mine.code) });
    if (this.over) {
      return html`<div class="seat-row"><b class="seat-title">${title}</b><p class="seat-note" role="status">${say(`seat.over.${this.over}`)} ${this.over === 'ended' ? nothing : html`<a href="/join/${this.mine.code}">${say('seat.join')}</a>`}</p>
        <button class="btn sm end" @click=${() => this.remove()}>${say('seat.putAway')}</button></div>`;
    }
    const open = room?.vote ? roundOf(room.vote) : 0;
    const voted = this.you?.vote?.ask === room?.vote?.ask && this.you?.vote?.round === open;
    const hint = this.you?.hint;
    return html`<div class="seat-row"><b class="seat-title">${title}</b>
        <button class="btn sm plain seat-name" popovertarget="seat-menu">${this.you?.name ?? this.mine.learner.name}</button>
        <span class="cap seat-pace">${room ? say(`seat.pace.${room.pace}`) : nothing}</span>
        ${room?.locked ? html`<span class="chip">${say('seat.locked')}</span>` : nothing}
        ${room?.timer ? html`<span class="seat-timer" role="timer" aria-live="off">${this.left ? say('seat.timeLeft', { time: clocked(this.left) }) : say('seat.timeUp')}</span>` : nothing}
        <span class="end row">${open && !voted ? html`<button class="btn sm do" @click=${() => this.toBallot()}>${say('seat.toVote')}</button>` : nothing}
          <button class="btn sm seat-hand ${this.you?.hand ? 'do' : ''}" aria-pressed=${this.you?.hand ? 'true' : 'false'} ?disabled=${!room} @click=${() => this.hand()}><svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M4.5 8V4.2a1 1 0 0 1 2 0V7m0-3.8a1 1 0 0 1 2 0V7m0-2.8a1 1 0 0 1 2 0V8m0-1.8a1 1 0 0 1 2 0v4a4 4 0 0 1-4 4H8.2a4 4 0 0 1-3-1.4L2.8 9.8a1 1 0 0 1 1.5-1.3l.9.9" /></svg><span>${say('seat.hand')}</span></button>
          <span class="live ${this.link === 'live' ? '' : 'off'}"><span class="seat-link">${say(`seat.link.${this.link}`)}</span></span></span>
        <span class="sr" role="status">${this.said}</span></div>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${this.waits?.title ? html`<div class="seat-row seat-more" role="status"><span>${say('seat.classGoes', { where: this.waits.title })}</span>
        ${this.keeps ? html`<button class="btn sm do end" @click=${() => this.go(this.waits!)}>${say('seat.goThere')}</button>` : html`<a class="btn sm do end" href=${addressOf(this.waits)} target="_blank" rel="noopener" @click=${() => (this.waits = undefined)}>${say('seat.goThere')}</a>`}</div>` : nothing}
      <div class="seat-row seat-more seat-hint" role="status" ?hidden=${!hint}>${hint ? html`<span><b>${say('seat.hint')}</b> ${hint.text}</span><button class="btn sm end" @click=${() => this.putAway(hint.n)}>${say('seat.putAway')}</button>` : nothing}</div>
      <div class="sheet seat-menu" id="seat-menu" popover><h2 class="h-sm">${title}</h2>
        <p>${say('seat.you', { name: this.you?.name ?? this.mine.learner.name })} <span class="mono">${shownCode(this.mine.code)}</span></p>
        <button class="btn" popovertarget="seat-menu" popovertargetaction="hide" @click=${() => void this.leave()}>${say('seat.leave')}</button>
        <p class="cap">${say('seat.leaveWhy', { code: shownCode(this.mine.code) })}</p></div>`;
  }
}
customElements.define('pg-seat', SeatBar);

// leave gives up the seat of this page.
export const leave = () => document.querySelector<SeatBar>('pg-seat')?.leave();

// take puts the bar into the page, with its looks, and keeps what is typed in it.
export function take() {
  if (document.querySelector('pg-seat') || !seat()) return;
  const bar = document.createElement('pg-seat');
  const look = document.createElement('link');
  look.rel = 'stylesheet';
  look.href = document.querySelector<HTMLMetaElement>('meta[name=seat]')!.content;
  bar.hidden = true; // until its looks are there
  look.onload = look.onerror = () => (bar.hidden = false);
  document.head.append(look);
  document.querySelector('.top')!.after(bar);
  const lesson = document.querySelector<HTMLElement>('pg-lesson');
  if (lesson) keepDrafts(lesson, lesson.getAttribute('slug')!);
}
take();
