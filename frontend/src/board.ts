// pg-room: the board of who leads a room. It keeps what the room's stream says, and hands each of its parts what that part shows;
// what is done goes over the API, and comes back over the stream.
import { html, nothing, render } from 'lit';
import './board-keep';
import './board-learner';
import { Learners } from './board-learners';
import { News } from './board-news';
import './board-pace';
import { closeMenus, out, place, saving, type Act, type Place } from './board-parts';
import { save } from './board-keep';
import { Roster } from './board-roster';
import type { TheirWire } from './board-wire';
import { claimed } from './claim';
import './heat';
import { single } from './keys';
import type { BoardLesson, Heat, RoomMessage, RoomState, Tally } from './room-messages';
import { held, hold, Leading, letGo, shownCode, type Held } from './roomapi';
import { closeBadKey, RoomStream } from './roomstream';
import { bar } from './states';
import { say } from './strings';
import { markup } from './trusted';
import './vote';
import type { VotePanel } from './vote';
import { revealed } from './vote-model';

export class Room extends HTMLElement {
  private code = '';
  private lead!: Leading;
  private stream?: RoomStream;
  private room?: RoomState;
  private tally?: Tally;
  private count = { here: 0, learners: 0 }; // of learners, as it was told last
  private lessons: BoardLesson[] = [];
  private heat?: Heat;
  private roster = new Roster();
  private off = 0; // the server's clock less this browser's, ms
  private link = '';
  private problem = '';
  private selected = '';
  private wireOf = '';
  private wire?: TheirWire;
  private card?: HTMLElement; // in place of the board, while there is nothing to lead
  private drawing = 0;
  private ticking = 0;
  private learners = new Learners();
  private news!: News;
  private parts: { [name: string]: HTMLElement } = {};

  connectedCallback() {
    if (this.code) return;
    this.code = this.dataset['code']!;
    const live = document.createElement('p');
    live.className = 'sr';
    live.setAttribute('role', 'status');
    this.after(live);
    this.news = new News((text) => (live.textContent = text));
    this.learners.addEventListener('pick', (e) => this.pick((e as CustomEvent<string>).detail));
    this.learners.addEventListener('closer', () => this.parts['learner']!.scrollIntoView({ block: 'nearest' }));
    this.addEventListener('wire', (e) => void this.showWire((e as CustomEvent<string>).detail));
    this.addEventListener('over', () => this.ended());
    closeMenus(this);
    document.addEventListener('keydown', (e) => this.key(e));
    void this.begin();
  }

  private async begin() {
    try {
      await claimed(this.code);
    } catch (e) {
      this.problem = (e as Error).message;
    }
    const mine = held().find((r) => r.code === this.code);
    if (mine) this.open(mine);
    else this.shut('stranger');
  }

  // shut says that there is nothing to lead here, and what can be done.
  private shut(why: 'stranger' | 'badKey' | 'over') {
    window.clearInterval(this.ticking);
    this.stream?.close();
    this.hideWire();
    this.stream = this.room = this.wire = undefined;
    render(nothing, document.getElementById('status')!);
    if (!this.card) this.replaceChildren((this.card = document.createElement('div')));
    const enter = (e: Event) => {
      e.preventDefault();
      void this.enter(String(new FormData(e.target as HTMLFormElement).get('key')).trim());
    };
    render(html`<section class="lead-in"><h1>${say('room.codeHeading', { code: shownCode(this.code) })}</h1>${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}<p class="soft">${say(`room.shut.${why}`)}</p>
      ${why === 'over' ? nothing : html`<form @submit=${enter}><label><span class="h-sm">${say('room.key')}</span><input class="in mono" name="key" type="password" required autocomplete="off" spellcheck="false" /></label><p class="row wrap"><button class="btn do">${say('room.openRoom')}</button></p></form>`}
      <p><a class="btn" href="/teach">${say('room.toTeach')}</a></p></section>`, this.card);
  }

  private async enter(key: string) {
    this.problem = '';
    try {
      await new Leading(this.code, key).rows();
      hold({ code: this.code, key, title: '', join: this.dataset['join']!, projector: '' });
      await this.begin();
    } catch (e) {
      this.problem = (e as Error).message;
      this.shut('stranger');
    }
  }

  private open(mine: Held) {
    this.lead = new Leading(this.code, mine.key);
    this.skeleton();
    this.stream = new RoomStream(this.code, mine.key, {
      message: (m) => this.message(m),
      state: (s) => {
        this.link = s;
        if (s !== 'live') this.roster.anew(); // it comes again, whole
        this.soon();
      },
      gone: (code) => {
        if (code === closeBadKey) this.shut('badKey');
        else this.ended();
      },
    });
    this.ticking = window.setInterval(() => this.tick(), 1000);
  }

  // skeleton makes the places of the parts, in the order in which they are read.
  private skeleton() {
    const part = (name: string, tag = 'section', className = 'panel', labelled = '') => {
      const el = (this.parts[name] = document.createElement(tag));
      el.className = className;
      if (labelled) {
        el.setAttribute('role', 'region');
        el.setAttribute('aria-labelledby', labelled);
      }
      return el;
    };
    const right = document.createElement('div');
    right.className = 'rightc';
    right.append(part('vote', 'pg-vote', 'panel', 'vh'), part('heat', 'pg-heat', 'panel', 'hh'), part('learner', 'pg-learner', 'panel peek', 'pk'), part('keep', 'pg-keep', 'panel', 'kh'));
    const table = part('learners', 'section', 'grid-s', 'lh');
    this.learners.roster = this.roster;
    table.append(this.learners);
    const wide = document.createElement('div');
    wide.className = 'room';
    wide.append(part('wire', 'section', 'panel their-wire', 'wh'), part('notes', 'aside', 'panel notes', 'nh'), table, right);
    this.card = undefined;
    this.replaceChildren(part('bar', 'div', 'bar-at'), part('pace', 'pg-pace', 'pace', 'rm'), wide);
    this.parts['wire']!.hidden = this.parts['notes']!.hidden = true;
  }

  private message(m: RoomMessage) {
    switch (m.type) {
      case 'room':
        this.off = Date.parse(m.now) - Date.now();
        if (m.title !== this.room?.title) this.remember(m.title);
        this.room = m;
        this.count = m;
        break;
      case 'tally':
        this.tally = this.count = m;
        break;
      case 'board':
        this.lessons = m.lessons;
        break;
      case 'heat':
        this.heat = m;
        break;
      case 'rows':
        this.news.take(this.roster.take(m));
        break;
      case 'you':
        break; // for learners
    }
    this.soon();
  }

  private remember(title: string) {
    const mine = held().find((r) => r.code === this.code);
    if (mine && mine.title !== title) hold({ ...mine, title, projector: '' }, new Date(mine.when));
  }

  private soon() {
    this.drawing ||= requestAnimationFrame(() => this.draw());
  }

  private act: Act = async (what, told) => {
    try {
      await what(this.lead);
      if (told) {
        this.problem = ''; // what a part asks for by itself leaves it
        this.news.say(told);
      }
      this.soon();
      return true;
    } catch (e) {
      this.problem = (e as Error).message;
      this.soon();
      return false;
    }
  };

  private ended() {
    letGo(this.code);
    this.shut('over');
  }

  // at is where the instructor is; before they have gone to a step, it is where most of the room is in that lesson.
  private at(): Place | undefined {
    const { lesson, step } = this.room!;
    const slug = lesson || this.tally?.lesson || this.lessons[0]?.slug || '';
    const most = this.tally?.lesson === slug ? [...this.tally.spread].sort((a, b) => b.learners - a.learners)[0]?.step : '';
    return place(this.lessons, slug, step || (most ?? ''));
  }

  private left() {
    const t = this.room?.timer;
    const ms = t ? Date.parse(t.ends) - Date.now() - this.off : -1;
    return ms > 0 ? ms + 999 : undefined; // a second that has begun counts
  }

  private tick() {
    if (!this.room || !this.stream) return;
    this.learners.tick();
    if (this.room.timer) Object.assign(this.parts['pace']!, { left: this.left() });
  }

  private draw() {
    this.drawing = 0;
    const r = this.room;
    render(this.link === 'lost' || this.problem ? this.bars() : nothing, this.parts['bar'] ?? document.createElement('div'));
    if (!r || !this.parts['pace']) return;
    const { tally, lessons, act } = this;
    const at = this.at();
    this.status(r);
    Object.assign(this.parts['pace']!, { room: r, tally, lessons, at, act, host: new URL(this.dataset['join']!).host, left: this.left() });
    Object.assign(this.parts['vote']!, { vote: r.vote, tally, lessons, at: at?.lesson.slug ?? '', learners: this.count.learners, act });
    Object.assign(this.parts['heat']!, { heat: this.heat, voting: r.vote !== null && !revealed(r.vote.phase) });
    Object.assign(this.parts['learner']!, { row: this.roster.get(this.selected), act });
    Object.assign(this.parts['keep']!, { code: this.code, key: this.lead.key, simulated: this.roster.all.filter((x) => x.simulated).length, act });
    Object.assign(this.learners, { lessons, common: tally?.lesson ?? '', selected: this.selected, off: this.off });
    this.learners.draw();
    this.notes(at);
    if (this.wireOf && !this.roster.get(this.wireOf)) this.hideWire();
  }

  private bars() {
    return html`${this.link === 'lost' ? bar(say('room.lost'), true, say('room.tryNow'), () => this.stream?.retry()) : nothing}${this.problem
      ? html`<p class="problem row" role="alert"><span>${this.problem}</span><button class="btn sm end" @click=${() => {
          this.problem = '';
          this.draw();
        }}>${say('page.close')}</button></p>`
      : nothing}`;
  }

  private status(r: RoomState) {
    document.getElementById('room-title')!.textContent = r.title;
    const { here, learners } = this.count;
    const away = learners - here;
    render(html`<span class="live ${this.link === 'live' ? '' : 'off'}"><span>${say('room.here', { here, n: learners })}${away > 0 ? `, ${say('room.away', { n: away })}` : ''}</span></span>
      <a class="btn sm" href="/projector/${r.code}" target="_blank">${out}${say('room.projector')}</a><button class="btn sm" @click=${() => void this.act((l) => save(l.export('votes'), this.code, 'votes'), say('room.saved'))}>${saving}CSV</button>`, document.getElementById('status')!);
  }

  // notes are the speaker's, of the step where the instructor is, and of its lesson: for no other eyes.
  private notes(at?: Place) {
    const el = this.parts['notes']!;
    const { lesson, step } = at ?? {};
    el.hidden = !lesson?.notes && !step?.notes;
    if (el.hidden) return;
    const text = (notes: string) => html`<div class="prose" .innerHTML=${markup(notes, lesson!.slug)}></div>`;
    render(html`<h2 id="nh" class="h-sm">${say('room.notes')}</h2>${step?.notes ? text(step.notes) : nothing}${lesson?.notes ? html`<details ?open=${!step?.notes}><summary class="cap">${say('room.notesOfLesson')}</summary>${text(lesson.notes)}</details>` : nothing}`, el);
  }

  private pick(id: string) {
    this.selected = id;
    this.draw();
    if (this.wireOf && this.wireOf !== id) void this.showWire(id);
  }

  // Somebody's wire

  private async showWire(id: string) {
    const r = this.roster.get(id);
    if (!r?.sandbox) return this.hideWire();
    const el = this.parts['wire']!;
    const had = this.wireOf;
    this.wireOf = id;
    el.hidden = false;
    let head = el.querySelector<HTMLElement>('header');
    if (!head) {
      head = document.createElement('header');
      head.className = 'row spread wrap';
      const host = document.createElement('div');
      host.className = 'evidence';
      el.append(head, host);
      el.addEventListener('keydown', (e) => {
        if (e.key === 'Escape' && !e.defaultPrevented) this.hideWire();
      });
    }
    render(html`<h2 id="wh" class="h-sm">${say('room.theirWire', { name: r.name })}</h2><button class="btn sm" @click=${() => this.hideWire()}>${say('page.close')}</button>`, head);
    const part = await import('./board-wire').catch(() => undefined);
    if (this.wireOf !== id) return; // another was asked for meanwhile
    if (!part) {
      this.hideWire();
      this.problem = say('page.fail');
      return this.soon();
    }
    this.wire ??= new part.TheirWire(el.querySelector<HTMLElement>('.evidence')!, this.code, this.lead.key);
    this.wire.show(id);
    if (had) return;
    el.scrollIntoView({ block: 'nearest' });
    head.querySelector('button')!.focus({ preventScroll: true });
  }

  private hideWire() {
    if (!this.wireOf) return;
    const back = this.parts['wire']!.contains(document.activeElement);
    this.wireOf = '';
    this.wire?.close();
    this.parts['wire']!.hidden = true;
    if (back) this.parts['learner']!.querySelector<HTMLElement>('.link')?.focus();
  }

  private key(e: KeyboardEvent) {
    if (e.key.toLowerCase() !== 'v' || e.repeat || !single(e) || e.defaultPrevented || !this.room?.vote) return;
    e.preventDefault();
    (this.parts['vote'] as VotePanel).forward();
  }
}
customElements.define('pg-room', Room);
