// pg-pace: the bar above the board: the code, how the room goes on, and where it is.
// Properties in: room, tally, lessons, at (where the instructor is), host (where to join), left (of the timer, ms), act.
import { html, nothing } from 'lit';
import { beside, clock, down, earlier, flag, later, lock, place, placeName, type Act, type Place } from './board-parts';
import { lasting } from './board-roster';
import { Light } from './parts';
import type { BoardLesson, Pace, RoomState, Tally } from './room-messages';
import { shownCode, type Lead } from './roomapi';
import { say } from './strings';

// minutes are those that a timer can be set to with one press.
const minutes = [1, 2, 3, 5, 10];

export class PaceBar extends Light {
  static properties = { room: { attribute: false }, tally: { attribute: false }, lessons: { attribute: false }, at: { attribute: false }, host: { attribute: false }, left: { attribute: false }, act: { attribute: false } };
  declare room?: RoomState;
  declare tally?: Tally;
  declare lessons: BoardLesson[];
  declare at?: Place;
  declare host: string;
  declare left?: number;
  declare act: Act;

  render() {
    const r = this.room;
    if (!r) return nothing;
    const pace = (p: Pace) => html`<label><input type="radio" name="pace" value=${p} .checked=${r.pace === p} @change=${() => void this.lead({ pace: p, ...(p === 'follow' ? this.here() : {}) }, say(`room.paceNow.${p}`))} />${say(`room.pace.${p}`)}</label>`;
    return html`<h1 id="rm" class="sr">${say('room.heading', { code: shownCode(r.code), title: r.title })}</h1>
      <div class="code"><span class="cap">${say('room.joinAt')} <b>${this.host}</b></span><span class="big mono">${shownCode(r.code)}</span></div>
      <fieldset class="row"><legend class="sr">${say('room.pace')}</legend><span class="seg">${pace('follow')}${pace('free')}</span></fieldset>
      ${this.at ? this.bring(this.at) : nothing}
      <button class="btn" @click=${() => void this.act((l) => l.lead({ locked: !r.locked }), say(r.locked ? 'room.unlockedNow' : 'room.lockedNow'))}>${lock}${say(r.locked ? 'room.unlock' : 'room.lock')}</button>
      ${this.timer()}
      ${this.spread()}`;
  }

  private here = () => (this.at ? { lesson: this.at.lesson.slug, step: this.at.step.id } : {});

  private go(p: Place | undefined) {
    if (p) void this.lead({ lesson: p.lesson.slug, step: p.step.id });
  }

  // lead changes how the room goes on. Where it does not change, what was chosen shows again how it is.
  private async lead(to: Lead, told?: string) {
    if (await this.act((l) => l.lead(to), told)) return;
    for (const input of this.querySelectorAll<HTMLInputElement>('[name=pace]')) input.checked = input.value === this.room?.pace;
    const [lesson, step] = this.querySelectorAll<HTMLSelectElement>('.both select');
    if (lesson && step && this.at) [lesson.value, step.value] = [this.at.lesson.slug, this.at.step.id];
  }

  // bring brings everyone to where the instructor is; beside it is where that is.
  private bring(at: Place) {
    const way = (p: Place | undefined, sign: unknown, label: string) =>
      html`<button class="icon-btn" aria-label=${p ? `${label}: ${placeName(p)}` : label} aria-disabled=${p ? nothing : 'true'} @click=${() => this.go(p)}>${sign}</button>`;
    return html`<div class="row bring">${way(beside(at, -1), earlier, say('room.stepBack'))}
      <span class="both"><button class="btn" @click=${() => void this.act((l) => l.bring(at.lesson.slug, at.step.id), say('room.broughtNow', { where: placeName(at) }))}>${flag}<span>${say('room.bring', { where: placeName(at) })}</span></button>
      <details class="drop"><summary class="btn" aria-label=${say('room.choosePlace')}>${down}</summary><div class="over">
        <label><span class="h-sm">${say('room.lesson')}</span><select class="in" @change=${(e: Event) => this.go(place(this.lessons, (e.target as HTMLSelectElement).value, ''))}>${this.lessons.map((l) => html`<option value=${l.slug} .selected=${l.slug === at.lesson.slug}>${l.number} ${l.title}</option>`)}</select></label>
        <label><span class="h-sm">${say('room.step')}</span><select class="in" @change=${(e: Event) => this.go(place(this.lessons, at.lesson.slug, (e.target as HTMLSelectElement).value))}>${at.lesson.steps.map((s, i) => html`<option value=${s.id} .selected=${s.id === at.step.id}>${i + 1}. ${s.title}</option>`)}</select></label>
        <p class="cap">${say(this.room?.pace === 'follow' ? 'room.choosePlaceFollow' : 'room.choosePlaceFree')}</p>
        <p class="row wrap"><a class="btn sm" href="/lessons/${at.lesson.slug}#${at.step.id}" target="_blank">${say('room.openLesson')}</a><a class="btn sm" href="/lessons/${at.lesson.slug}/handout" target="_blank">${say('room.handout')}</a></p></div></details></span>
      ${way(beside(at, 1), later, say('room.stepOn'))}</div>`;
  }

  private timer() {
    const on = this.left !== undefined;
    const set = (seconds: number) => {
      this.querySelector<HTMLDetailsElement>('.timer')!.open = false;
      void this.act((l) => l.lead({ timer: seconds }), say(seconds ? 'room.timerNow' : 'room.timerEnded', { n: seconds / 60 }));
    };
    return html`<details class="drop timer"><summary class="btn ${on ? '' : 'plain'}">${clock}${say('room.timer')}${on ? html` <b class="mono">${lasting(this.left!)}</b>` : nothing}</summary><div class="over"><p class="row wrap">${minutes.map((n) => html`<button class="btn sm" @click=${() => set(n * 60)}>${say('room.minutes', { n })}</button>`)}</p>
      ${on ? html`<button class="btn sm" @click=${() => set(0)}>${say('room.endTimer')}</button>` : nothing}</div></details>`;
  }

  private spread() {
    const list = this.tally?.spread ?? [];
    if (!list.length) return nothing;
    const most = Math.max(1, ...list.map((s) => s.learners));
    const lesson = this.lessons.find((l) => l.slug === this.tally!.lesson);
    const peak = list.find((s) => s.learners === most);
    const text = list.filter((s) => s.learners).map((s) => say('room.spreadAt', { n: s.learners, step: `${s.n}. ${s.title}` })).join(', ');
    return html`<div class="end row dist" role="group" aria-label=${say('room.where')}><span class="cap" aria-hidden="true">${say('room.where')}</span>
      <span class="hist" aria-hidden="true">${list.map((s) => html`<i data-vars="--v:${s.learners / most}" class=${s === peak && s.learners ? 'm' : ''}><b>${s.learners || ''}</b></i>`)}</span>
      <span class="cap" aria-hidden="true">${say('room.steps', { lesson: lesson?.number ?? '', n: list.length })}</span><span class="sr">${lesson ? say('room.inLesson', { number: lesson.number }) : ''} ${text || say('room.nobody')}</span></div>`;
  }
}
customElements.define('pg-pace', PaceBar);
