// pg-attack: an attack, run from the start with the protections as its lesson has them, and again with those that are set here; both
// runs stand side by side. Then Maya does honestly what she wants with everything on enforce. Each run is real: the server plays it in
// a sandbox of this page. The server sent all of the page that can be read without a run.
import { html, nothing, render } from 'lit';
import { align } from './align';
import { call, Problem, remembered, Sandbox } from './api';
import './clock';
import './diff';
import type { Diff } from './diff';
import type { Graph } from './graph';
import { keep, kept } from './kept';
import { single } from './keys';
import { items, rowsOf, type Item, type Row } from './model';
import { glyph } from './parts';
import './policy';
import { save } from './save';
import { said, say } from './strings';
import type { Event, Info, Trial, View } from './wire.gen';

interface Setting {
  id: string;
  title: string;
  values?: string[];
  default: string;
  duration?: boolean;
}

interface Lab {
  slug: string;
  step: string;
  checks: Info[] | null;
  options: Setting[] | null;
  policy: Record<string, string>;
  settings: Record<string, string>;
  enforced: Record<string, string>;
  goal?: string;
  quiz?: string; // the step that asks about it
}

// Side is a run and what came of it.
interface Side {
  trial: Trial;
  events: Event[];
  items: Item[];
  rows: Row[];
}

type Which = 'a' | 'b' | 'honest';

// What the server says of a sandbox that is not there any more, and of one whose record takes no more.
const ended = [401, 404, 410];
const full = 507;

export class Attack extends HTMLElement {
  private lab!: Lab;
  private checks: Info[] = [];
  private policy: Record<string, string> = {}; // of the protections that are shown, for run B
  private settings: Record<string, string> = {};
  private wait = 0; // minutes that Mallory waits
  private sides: { [which in Which]?: Side } = {};
  private sandbox?: Sandbox;
  private now = new Date().toISOString();
  private busy = false;
  private problem = '';
  private note = '';
  private controls!: HTMLElement;
  private results!: HTMLElement;
  private live = document.createElement('p');

  connectedCallback() {
    this.lab = JSON.parse(this.dataset['lab']!) as Lab;
    this.checks = this.lab.checks ?? [];
    this.policy = Object.fromEntries(this.checks.map((c) => [c.id, 'enforce']));
    this.settings = { ...this.lab.settings };
    this.controls = this.querySelector('.lab-controls')!;
    this.results = this.querySelector('.lab-results')!;
    this.controls.replaceChildren();
    this.live.className = 'sr';
    this.live.setAttribute('aria-live', 'polite');
    this.append(this.live);
    this.addEventListener('policy', (e) => {
      this.policy = { ...this.policy, ...(e as CustomEvent<Record<string, string>>).detail };
      this.draw();
    });
    this.addEventListener('advance', (e) => {
      this.wait += (e as CustomEvent<string>).detail === '1h' ? 60 : 10;
      this.draw();
    });
    document.addEventListener('keydown', (e) => {
      if (!single(e)) return;
      if (e.key === 'r') void this.run();
      if (e.key === 'd') this.querySelector<Diff>('pg-diff')?.next();
    });
    this.draw();
    void this.resume();
  }

  // Runs

  private get name() {
    return 'attack ' + this.lab.slug + ' ' + this.lab.step;
  }

  // resume shows the runs of an earlier visit, if their record is still there.
  private async resume() {
    const known = remembered.get(this.name);
    const past = kept<{ [which in Which]?: Trial }>(this.name);
    if (!known || !past) return;
    try {
      const events = await record(known, 0);
      if (this.busy) return;
      for (const which of ['a', 'b', 'honest'] as const) if (past[which]) this.sides[which] = side(past[which], events);
      this.sandbox = known;
    } catch (e) {
      if (e instanceof Problem && !ended.includes(e.status)) {
        this.sandbox = known; // it may be there again in a moment
        this.problem = e.message;
      } else {
        remembered.set(this.name, undefined);
        keep(this.name, undefined);
      }
    }
    this.draw();
  }

  // run plays what has not been played yet, and run B. A sandbox that has ended is replaced, a full one made empty, and all is played again.
  private async run() {
    if (this.busy) return;
    this.busy = true;
    this.problem = this.note = '';
    this.draw();
    try {
      await this.all().catch(async (e: unknown) => {
        const status = e instanceof Problem ? e.status : 0;
        if (!this.sandbox || ![...ended, full].includes(status)) throw e;
        if (status === full) await this.sandbox.reset();
        else this.sandbox = undefined;
        this.sides = {};
        this.note = say(status === full ? 'lab.full' : 'lab.gone');
        await this.all();
      });
      this.live.textContent = this.inWords();
      this.dispatchEvent(new CustomEvent('complete'));
    } catch (e) {
      this.problem = (e as Error).message;
      this.dispatchEvent(new CustomEvent('problem', { detail: this.problem }));
    }
    this.busy = false;
    this.draw();
  }

  private async all() {
    if (!this.sandbox) {
      const made = await Sandbox.create({ lesson: this.lab.slug });
      this.sandbox = new Sandbox(made.id, made.key);
      remembered.set(this.name, this.sandbox);
    }
    const attack = `/attacks/${this.lab.step}/run`;
    if (!this.sides.a) await this.play('a', attack, {});
    await this.play('b', attack, { policy: { ...this.lab.enforced, ...this.policy }, settings: this.changed(), ...(this.wait ? { wait: `${this.wait}m` } : {}) });
    if (!this.sides.honest) await this.play('honest', '/honest/run', { policy: this.lab.enforced });
  }

  // changed are the settings that are not as in the lesson.
  private changed() {
    return Object.fromEntries(Object.entries(this.settings).filter(([id, value]) => this.lab.settings[id] !== value));
  }

  private async play(which: Which, path: string, under: unknown) {
    const s = this.sandbox!;
    const trial = await call<Trial>('POST', `/api/sandboxes/${s.id}${path}`, s.key, under);
    this.sides[which] = side(trial, await record(s, trial.first - 1));
    this.now = trial.state.now;
    const diff = this.querySelector<Diff>('pg-diff');
    if (diff) diff.at = -1;
    keep(this.name, Object.fromEntries(Object.entries(this.sides).map(([w, one]) => [w, brief(one)])));
    this.draw();
  }

  // reset forgets both runs.
  reset() {
    if (this.busy) return;
    this.sandbox = undefined;
    this.sides = {};
    remembered.set(this.name, undefined);
    keep(this.name, undefined);
    this.draw();
  }

  // What is shown

  private draw() {
    const { a, b } = this.sides;
    const seen = new Set(this.checks.map((c) => c.id));
    for (const c of [...(a?.trial.state.checks ?? []), ...(b?.trial.state.checks ?? [])]) {
      const met = (b && this.stop(b)?.failed?.check === c.id) || [...(a?.rows ?? []), ...(b?.rows ?? [])].some((r) => r.observed.some((v) => v.check === c.id));
      if (!met || seen.has(c.id) || c.modes.length < 2) continue;
      seen.add(c.id); // a protection that showed itself on the wire matters as well
      this.checks = [...this.checks, c];
      this.policy[c.id] ??= 'enforce';
    }
    render(this.control(seen), this.controls);
    render(this.result(), this.results);
    const diff = this.querySelector<Diff>('pg-diff');
    const stop = b && this.stop(b);
    if (diff && stop && diff.at < 0) diff.explain(stop);
    const standing = { policy: { ...this.lab.enforced, ...this.policy }, settings: this.settings };
    for (const g of this.querySelectorAll<Graph>('pg-graph')) g.view = standing;
  }

  private control(seen: Set<string>) {
    const view = { checks: this.checks, policy: this.policy } as unknown as View;
    const on = Object.values(this.policy).every((m) => m === 'enforce');
    return html`<h2 class="h-sm">${say('protections.protections')}</h2><pg-policy .view=${view} .used=${seen}></pg-policy>
      <p class="cap">${say('lab.others')} ${on ? nothing : html`<button class="btn sm plain" @click=${() => this.done(() => (this.policy = Object.fromEntries(Object.keys(this.policy).map((id) => [id, 'enforce']))))}>${say('lab.allOn')}</button>`}</p>
      ${this.lab.options?.length ? html`<section><h2 class="h-sm">${say('lab.settings')}</h2><ul class="pol">${this.lab.options.map((o) => this.option(o))}</ul></section>` : nothing}
      <div class="act"><div class="row spread wrap"><pg-clock class="row" .now=${this.now}></pg-clock></div>
        ${this.wait ? html`<p class="cap" role="status">${say('lab.wait', { time: span(this.wait) })} <button class="btn sm plain" @click=${() => this.done(() => (this.wait = 0))}>${say('lab.noWait')}</button></p>` : nothing}
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}${this.note ? html`<p class="cap" role="status">${this.note}</p>` : nothing}
        <button id="run" class="btn do big" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => void this.run()}>${start}${say(this.busy ? 'lab.running' : this.sides.b ? 'lab.again' : 'lab.run')}<kbd>R</kbd></button></div>`;
  }

  private set(change: () => unknown) {
    change();
    this.draw();
  }

  // done is set for a button that goes when it was pressed: the one that runs the attack has the focus then.
  private done(change: () => unknown) {
    this.set(change);
    this.querySelector<HTMLElement>('#run')?.focus({ preventScroll: true });
  }

  private option(o: Setting) {
    const now = this.settings[o.id]!;
    const values = o.values ?? [...new Set([this.lab.settings[o.id]!, o.default, '1s', '10m', '1h'])];
    const pick = (e: InputEvent) => this.set(() => (this.settings = { ...this.settings, [o.id]: (e.target as HTMLSelectElement).value }));
    return html`<li><label class="row spread"><span class="nm mono">${o.id}</span><select class="fld" @change=${pick}>${values.map((v) => html`<option value=${v} .selected=${v === now}>${v}${v === this.lab.settings[o.id] ? ` (${say('lab.asInLesson')})` : ''}</option>`)}</select></label><div class="ds">${o.title}</div></li>`;
  }

  private result() {
    const { a, b } = this.sides;
    if (!a || !b) return html`<header class="verdict"><div><h2>${say('lab.before')}</h2><p class="soft">${say('lab.beforeWhat')}</p></div></header>`;
    const since = this.since();
    const different = align(a.rows, b.rows).filter((p) => !p.same && (p.a ? p.a.request.seq >= since[0]! : p.b!.request.seq >= since[1]!));
    const answers = different.filter((p) => p.a && p.b).length; // the rest follows from them
    const works = a.trial.outcome.won && b.trial.outcome.won;
    const title = works ? html`${say('lab.bothWork')}` : !a.trial.outcome.won ? html`${say('lab.neither')}` : html`${say('lab.sameAttack')} <span class="hl">${answers ? say('lab.answers', { n: answers }) : say('lab.differs', { n: different.length })}</span>`;
    return html`<header class="verdict"><div><h2>${title}</h2><p class="soft">${this.ended()}</p></div>
        <div class="row end wrap"><button class="btn sm" @click=${() => void save('ndjson', { events: [...a.events, ...b.events] })}>${say('lab.save')}</button>${this.lab.quiz ? html`<a class="btn do sm" href="/lessons/${this.lab.slug}#${this.lab.quiz}">${say('lab.quiz')}</a>` : nothing}</div></header>
      <pg-diff .a=${a.rows} .b=${b.rows} .names=${[say('lab.a'), say('lab.b')]} .marks=${[this.mark(a), this.mark(b)]} .sums=${[this.sum(a), this.sum(b)]} .since=${since}></pg-diff>
      ${this.honest()}`;
  }

  // ended says in words what became of both runs.
  private ended() {
    const [a, b] = [this.sides.a!.trial.outcome, this.sides.b!.trial.outcome];
    if (a.won && b.won) return say('lab.bothWorkWhat');
    if (!a.won) return nothing;
    const stop = this.stop(this.sides.b!);
    return stop ? html`${say('lab.endedAt')} <a class="x-ref" href="#wire" @click=${(e: MouseEvent) => this.explain(e, stop)}>${stop.n}</a>, ${say('lab.endedBy', { check: stop.failed!.check })}` : say('lab.endedOtherwise');
  }

  private explain(e: MouseEvent, r: Row) {
    e.preventDefault();
    this.querySelector<Diff>('pg-diff')?.explain(r);
  }

  // stop is where a run was stopped that the other was not: the first of the differences that was refused, in the attack if it came so
  // far; or else the last refusal at all.
  private stop(s: Side): Row | undefined {
    const refused = align(this.sides.a!.rows, s.rows).flatMap((p) => (!p.same && p.b?.failed ? [p.b] : []));
    return refused.find((r) => r.request.seq >= s.trial.attack) ?? refused[0] ?? s.rows.findLast((r) => r.failed);
  }

  // since is where what is compared begins: where the attack does, unless a run was stopped before.
  private since() {
    const { a, b } = this.sides;
    const stop = this.stop(b!);
    return stop && stop.request.seq < b!.trial.attack ? [0, 0] : [a!.trial.attack, b!.trial.attack];
  }

  private mark(s: Side) {
    const off = this.checks.filter((c) => s.trial.state.policy[c.id] !== 'enforce');
    if (!off.length) return html`<span class="mode en">${say('lab.enforced')}</span>`;
    const [one] = off;
    const mode = s.trial.state.policy[one!.id]!;
    return html`<span class="mode ob">${off.length > 1 ? say('lab.notEnforced', { n: off.length }) : say('lab.observed', { name: one!.id, mode: said(`protections.${mode}`) ?? mode })}</span>`;
  }

  private sum(s: Side) {
    if (s.trial.outcome.won) return html`<b class="who attacker">${glyph('attacker')}${say('lab.worked')}</b> ${this.lab.goal ? `${this.lab.goal}.` : ''}`;
    const stop = this.stop(s);
    const honest = this.sides.honest?.trial.outcome;
    return html`<b class="stopped row">${bar}${stop ? say('lab.stoppedAt', { n: stop.n }) : say('lab.failed')}</b> ${honest && s === this.sides.b ? say(honest.won ? 'lab.mayaCan' : 'lab.mayaCannot') : ''}`;
  }

  private honest() {
    const h = this.sides.honest;
    if (!h) return nothing;
    return html`<details class="said lab-part"><summary>${say(h.trial.outcome.won ? 'lab.honest' : 'lab.honestNot')} <span class="cap">${say('lab.honestSize', { n: h.rows.length })}</span></summary>
      <pg-wire .items=${h.items} .list=${h.items}></pg-wire></details>`;
  }

  private inWords() {
    const { a, b } = this.sides;
    const one = (s: Side) => (s.trial.outcome.won ? say('lab.worked') : this.stop(s) ? say('lab.stoppedAt', { n: this.stop(s)!.n }) : say('lab.failed'));
    return `${say('lab.a')}: ${one(a!)} ${say('lab.b')}: ${one(b!)}`;
  }
}
const start = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M4.5 3v10l8-5z" fill="currentColor" /></svg>`;
const bar = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2v12" stroke-width="3" stroke-linecap="butt" /></svg>`;

const span = (minutes: number) => [Math.floor(minutes / 60) ? `${Math.floor(minutes / 60)} h` : '', minutes % 60 ? `${minutes % 60} min` : ''].filter(Boolean).join(' ');

// record is what a sandbox has recorded after a position.
async function record(s: Sandbox, since: number): Promise<Event[]> {
  const res = await fetch(`/api/sandboxes/${s.id}/trace?since=${since}`, { headers: { Authorization: 'Bearer ' + s.key } }).catch(() => undefined);
  if (!res?.ok) throw new Problem(res?.status ?? 0, say('page.fail'));
  return (await res.text()).trim().split('\n').map((line) => JSON.parse(line) as Event);
}

function side(trial: Trial, record: Event[]): Side {
  const events = record.filter((e) => e.seq >= trial.first && e.seq <= trial.last);
  const list = items(events);
  return { trial, events, items: list, rows: rowsOf(list) };
}

// brief is what is kept of a run: without the browsers, and of the checks those alone that showed themselves.
function brief({ trial, rows }: Side): Trial {
  const met = new Set(rows.flatMap((r) => [r.failed, ...r.observed]).map((v) => v?.check));
  return { ...trial, state: { ...trial.state, browsers: {}, checks: trial.state.checks.filter((c) => met.has(c.id)) } };
}

customElements.define('pg-attack', Attack); // last: the element is on the page already, and begins at once
