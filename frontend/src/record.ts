// record.ts: the right side of a page: the tools, the record as a diagram with its inspector, and what is selected, followed, looked
// for and seen of it.
import { html, nothing, render } from 'lit';
import type { Event, View } from './wire.gen';
import type { Sandbox } from './api';
import { stretches } from './align';
import { fold, type Fold } from './fold';
import type { following } from './following';
import { embedded } from './kept';
import { single } from './keys';
import { sight } from './lens';
import type { noted } from './lens-note';
import { carriers, ghost, items, matches, refersTo, rowsOf, runsOf, tagsIn, valuesOf, type Ghost, type Item, type Row } from './model';
import { switches } from './switches';
import type { Replay } from './replay';
import type { Format } from './save';
import type { SavedRun } from './saved';
import { Absence, bar, empty, loading, type State } from './states';
import { said, say } from './strings';
import type { Exchange } from './exchange';
import type { Drawn, Wire } from './wire';

// narrow tells whether the parts of the page stand below each other.
export const narrow = () => embedded() || window.matchMedia('(max-width: 69.99rem)').matches;

// Acts are what can be done to the world from above the wire.
export interface Acts {
  policy(p: { [id: string]: string }): void;
  advance(by: string): void;
}

// Compared are two lists of exchanges that may stand side by side.
interface Compared {
  a: Row[];
  b: Row[];
  names: string[];
}

// formats are those that a record is saved in; shownFormats those of one that has no sandbox, and came as a file or as an example.
const formats: Format[] = ['run', 'runValues', 'runSignatures', 'ndjson', 'har', 'mermaid', 'curl', 'md'];
const shownFormats: Format[] = ['run', 'ndjson'];

export class Record {
  events: Event[] = [];
  recorded = false; // what is shown is an example, not the learner's own run
  label = ''; // what else it is
  empty: string = say('wire.nothingSent'); // what stands in place of a wire without anything on it
  begin?: { label: string; run(): void }; // the one act that brings something onto an empty wire
  note = ''; // a sentence above the wire
  state: State = 'live';
  retry?: () => void; // the one act that may help in that state
  drew?: () => void; // called when what has come is drawn
  phases?: { [step: string]: string }; // the part of the lesson that a step belongs to
  sandbox?: Sandbox; // whose record it is: it can be saved
  readOnly = false; // it is somebody else's: nothing can be done to it
  file?: SavedRun; // what it came as, of one that has no sandbox
  other?: Omit<Compared, 'b'>; // of another file, to stand beside it
  showPolicy = false;
  view?: View;
  private list: Item[] = []; // the run that is shown
  private items: Drawn[] = []; // what of it is drawn
  private run = 0;
  private newest = 0;
  private diff = false;
  private pair = 0; // which of the comparisons
  private selected = '';
  private followed = '';
  private way?: typeof following; // to draw where the followed value was: asked for with the first one
  private lens = '';
  private noted?: typeof noted; // to say what its party sees: asked for with the first one
  private table = false;
  private query = '';
  private open = new Set<string>(); // folds
  private replay?: Replay;
  private problem = '';
  private said = new Set<string>(); // exchanges that were announced
  private waiting = 0;
  private arrived = 0; // exchanges out of sight, further down
  private absence = new Absence();
  private followedAt = 0;
  private live: HTMLElement;

  constructor(private host: HTMLElement, private acts: Acts) {
    this.live = document.createElement('p');
    this.live.className = 'sr';
    this.live.setAttribute('aria-live', 'polite');
    host.append(this.live);
    const on = (name: string, act: (detail: never) => void) => host.addEventListener(name, (e) => act((e as CustomEvent<never>).detail));
    // Where the checks stand below the wire, a press leads to them. What is compared goes on being compared.
    host.addEventListener('pick', (e) => {
      const { detail, target } = e as CustomEvent<string>;
      if ((target as Element).tagName === 'PG-DIFF') this.set(() => (this.selected = detail));
      else void this.select(detail, narrow());
    });
    on('follow', (tag: string) => {
      this.followedAt = performance.now();
      this.follow(tag === this.followed ? '' : tag);
    });
    on('policy', (p: { [id: string]: string }) => this.acts.policy(p));
    on('advance', (by: string) => this.acts.advance(by));
    on('lens', (lens: string) => this.see(lens));
    on('fold', (id: string) => this.set(() => this.open.delete(id) || this.open.add(id)));
    on('toend', () => this.showNew());
    document.addEventListener('keydown', (e) => this.key(e));
    document.addEventListener('click', (e) => this.click(e));
  }

  // take adds events of the stream, and draws once for all that come together.
  take(e: Event) {
    if (this.recorded) this.clear();
    if (!this.events.length) void import('./later').catch(() => undefined); // while there is a line: who loses it can go on looking
    this.events.push(e);
    if (!this.waiting) this.waiting = requestAnimationFrame(() => this.draw());
  }

  clear() {
    this.events = [];
    this.recorded = false;
    this.selected = this.followed = this.query = '';
    this.newest = this.arrived = 0;
    this.absence.told();
    this.endReplay();
    this.open.clear();
    this.said.clear();
  }

  // all is everything of the run that is shown, whatever of it is drawn.
  get all(): Item[] {
    return this.list;
  }

  rows = () => rowsOf(this.list);

  // shown is the exchange that is taken apart; empty for none.
  get shown(): string {
    return this.selected;
  }

  private own = () => (this.recorded ? undefined : this.sandbox);

  private set(change: () => unknown) {
    change();
    this.draw();
  }

  draw() {
    this.waiting = 0;
    const runs = runsOf(this.events);
    const first = this.newest === 0;
    const newest = runs.at(-1) ?? 0;
    if (newest !== this.newest) {
      this.newest = this.run = newest;
      this.arrived = 0;
    }
    const had = this.rows().length;
    const events = this.events.filter((e) => e.run === this.run);
    this.list = items(events);
    const rows = this.rows();
    if (!rows.some((r) => r.id === this.selected)) this.selected = '';
    const selected = rows.find((r) => r.id === this.selected);
    this.items = this.query ? rows.filter((r) => matches(r, this.query) && (!this.lens || sight(this.lens, r, this.list) === 'all')) : [...fold(this.list, this.phases, this.open), ...this.held()];
    const used = new Set(events.flatMap((e) => (e.verdicts ?? []).map((v) => v.check)));
    const wire = this.wire();
    const atEnd = !wire || below(wire) < 8;
    const pairs = this.compared(runs);
    this.absence.watch(this.state === 'lost', this.recorded ? 0 : rows.length, () => this.draw()); // an example is nothing that could be missed
    render(
      html`${this.view || this.list.length ? this.tools(used) : nothing}
        ${this.bar(rows.at(-1)?.n ?? 0)}
        ${this.lens && this.list.length && this.noted ? this.noted(this.lens, this.list, this.outside()) : nothing}
        ${this.recorded || this.label ? html`<div class="strip"><span class="cap">${this.recorded ? say('wire.recorded') : this.label}</span></div>` : nothing}
        ${this.showPolicy ? html`<pg-policy .view=${this.view} .used=${used}></pg-policy>` : nothing}
        ${runs.length > 1 || (this.diff && pairs.length > 1) ? this.runs(runs, pairs) : nothing}
        ${this.replay ? this.replay.strip(() => this.set(() => this.endReplay())) : nothing}
        ${this.list.length ? this.record(selected, events, pairs[this.pair]) : this.state === 'loading' ? loading() : empty(this.empty, this.begin)}`,
      this.host,
    );
    this.announce(rows);
    if (!this.recorded && !first && rows.length > had) void (atEnd && !selected ? this.toEnd() : this.count(rows.length - had));
    for (const el of document.querySelectorAll<HTMLElement>('.hands .val[data-tag]')) el.classList.toggle('on', el.dataset['tag'] === this.followed);
    this.drew?.();
  }

  // held is the request that Maya's browser has not sent yet. Whoever isn't the browser doesn't know of it.
  private held(): Ghost[] {
    const g = this.recorded || this.replay || this.run !== this.newest || (this.lens && this.lens !== 'browser') ? undefined : ghost(this.list, this.view?.browsers['browser']?.pending);
    return g ? [g] : [];
  }

  private record(selected: Row | undefined, events: Event[], pair?: Compared) {
    const wire = this.diff && pair
      ? html`<pg-diff .a=${pair.a} .b=${pair.b} .names=${pair.names} .followed=${this.followed}></pg-diff>`
      : html`<pg-wire tabindex="0" role="region" aria-label=${say('wire.wire')} @scroll=${() => this.scrolled()} .items=${this.items} .list=${this.list} .selected=${this.selected} .followed=${this.followed} .lens=${this.lens} .table=${this.table} .arrived=${this.arrived} .upto=${this.replay?.at ?? -1}></pg-wire>`;
    return html`${wire}${this.foot(pair !== undefined)}
      ${selected ? html`<pg-exchange id="checks" class="insp" .row=${selected} .rows=${this.rows()} .values=${valuesOf(events)} .followed=${this.followed} .lens=${this.lens} .checks=${this.view?.checks ?? []} .now=${this.view?.now ?? ''} .filed=${this.file !== undefined}></pg-exchange>` : html`<div id="checks" class="insp"><p class="empty">${say('inspector.select')}</p></div>`}`;
  }

  // later is what a page needs once somebody looks closer. Without it the wire goes on, and a sentence says so.
  private later() {
    const loading = import('./later');
    loading.catch(() => this.set(() => (this.problem = say('page.fail'))));
    return loading;
  }

  private wire = () => this.host.querySelector<Wire>('pg-wire');

  // Above the wire

  private tools(used: Set<string>) {
    const on = this.view ? switches(this.view, used).filter((c) => this.view!.policy[c.id] === 'enforce').length : 0;
    const controls = this.view && !this.readOnly
      ? html`<span class="row end"><pg-clock class="row" .now=${this.view.now}></pg-clock>
          <button class="btn sm" aria-expanded=${this.showPolicy} @click=${() => this.toggle()}>${lock}${say('protections.protections')} ${on ? html`<span class="muted">${say('protections.on', { n: on })}</span>` : nothing}</button></span>`
      : nothing;
    return html`<div class="tools"><pg-lens .lens=${this.lens} .outside=${this.outside()}></pg-lens>${controls}</div>`;
  }

  private outside = () => this.rows().some((r) => r.request.from === 'outside' || r.request.to === 'outside');

  private toggle() {
    this.set(() => (this.showPolicy = !this.showPolicy && !this.readOnly && this.view !== undefined));
    if (this.showPolicy) void this.later().catch(() => undefined);
  }

  private bar(last: number) {
    if (this.problem) return bar(this.problem, true, say('page.close'), () => this.set(() => (this.problem = '')));
    if (this.state === 'lost') return this.absence.bar(last, this.retry);
    if (this.note) return bar(this.note, true);
    if (this.state !== 'live' && this.state !== 'loading') return bar(say(`wire.state.${this.state}`), this.state !== 'read', say(`wire.act.${this.state}`), this.retry);
    return this.absence.back ? bar(say('wire.back', { n: this.absence.back }), false, say('wire.showThem'), () => this.showNew()) : nothing;
  }

  private runs(runs: number[], pairs: Compared[]) {
    const choice = (label: string, name: string, list: string[], at: number, pick: (i: number) => void) =>
      html`<span class="seg" role="radiogroup" aria-label=${label}>${list.map((text, i) => html`<label><input type="radio" name=${name} .checked=${i === at} @change=${() => this.set(() => pick(i))} />${text}</label>`)}</span>`;
    return html`<div class="strip">${runs.length > 1 ? choice(say('wire.runs'), 'run', runs.map((n) => say('wire.run', { n })), runs.indexOf(this.run), (i) => (this.run = runs[i]!)) : nothing}
      ${this.diff && pairs.length > 1 ? choice(say('wire.compare'), 'pair', pairs.map((p) => p.names.join(' · ')), this.pair, (i) => (this.pair = i)) : nothing}</div>`;
  }

  // compare puts the comparison in the diagram's place, or takes it away. Its script is loaded when it is first asked for.
  compare(on = !this.diff) {
    this.set(() => (this.diff = on));
    if (this.diff) this.later().catch(() => (this.diff = false));
  }

  // compared is what can stand side by side: a run of another file, the runs, and in this one what came before and after the rules changed.
  private compared(runs: number[]): Compared[] {
    const other = runs[runs.indexOf(this.run) - 1] ?? runs[1];
    const pairs: Compared[] = [];
    if (this.other) pairs.push({ ...this.other, b: this.rows() });
    if (other) pairs.push({ a: rowsOf(items(this.events.filter((e) => e.run === other))), b: this.rows(), names: [other, this.run].map((n) => say('wire.run', { n })) });
    const parts = stretches(this.list);
    for (const [i, after] of parts.entries()) {
      if (i) pairs.push({ a: parts[i - 1]!.rows, b: after.rows, names: [say('wire.before'), say('wire.after', { what: after.changes.map((c) => `${c.actor} ${c.to}`).join(', ') })] });
    }
    this.pair = Math.min(this.pair, Math.max(0, pairs.length - 1));
    if (!pairs.length) this.diff = false;
    return pairs;
  }

  private async startReplay() {
    const { Replay } = await this.later();
    this.endReplay();
    this.query = '';
    this.set(() => (this.replay = new Replay(rowsOf(this.items).length, () => this.draw())));
  }

  private endReplay() {
    this.replay?.end();
    this.replay = undefined;
  }

  // Below the wire

  private foot(comparable: boolean) {
    const look = html`<input type="search" class="find" aria-label=${say('wire.find')} placeholder=${say('wire.findShort')} .value=${this.query} @input=${(e: InputEvent) => this.look((e.target as HTMLInputElement).value)} @keydown=${(e: KeyboardEvent) => this.inFind(e)} />
        ${this.query ? html`<span class="cap" role="status">${this.items.length ? say('wire.found', { n: this.items.length, all: this.rows().length }) : say('wire.foundNone')}</span>` : nothing}
        <button class="btn sm plain" @click=${() => void this.startReplay()}>${say('wire.replay')}</button>
        <button class="btn sm plain" aria-pressed=${this.table} @click=${() => this.set(() => (this.table = !this.table))}>${say('wire.table')}</button>`;
    const tools = html`<span class="row end wrap">${this.diff ? nothing : look}
        ${comparable ? html`<button class="btn sm plain" aria-pressed=${this.diff} @click=${() => this.compare()}>${say('wire.compare')}</button>` : nothing}
        <details class="menu"><summary class="btn sm plain">${say('wire.save')}</summary><ul>${(this.own() ? formats : this.file ? shownFormats : shownFormats.slice(1)).map((f) => html`<li><button class="btn sm plain" @click=${(e: MouseEvent) => void this.save(f, e)}>${said(`wire.save.${f}`)}</button></li>`)}</ul></details></span>`;
    return html`<div class="strip bottom">${this.followed && this.way ? this.way(this.followed, carriers(this.list, this.followed), this.selected, (id) => void this.select(id), () => this.follow('')) : nothing}${tools}</div>`;
  }

  private async save(format: Format, e: MouseEvent) {
    (e.target as Element).closest('details')!.open = false;
    try {
      const { save } = await this.later();
      await save(format, { events: this.events, sandbox: this.own(), file: this.file });
    } catch (problem) {
      this.set(() => (this.problem = (problem as Error).message));
    }
  }

  private look(query: string) {
    this.endReplay();
    this.set(() => (this.query = query.trim()));
  }

  // inFind: Enter goes to the next exchange that was found, Escape shows all again.
  private inFind(e: KeyboardEvent) {
    if (e.key === 'Enter') {
      const found = rowsOf(this.items);
      const next = found[found.findIndex((r) => r.id === this.selected) + 1] ?? found[0];
      if (next) void this.select(next.id);
    } else if (e.key === 'Escape') {
      this.look('');
      this.wire()?.focus({ preventScroll: true });
    } else return;
    e.preventDefault();
  }

  // In the wire

  private scrolled() {
    const wire = this.wire();
    if (this.arrived && wire && below(wire) < 8) this.set(() => (this.arrived = 0));
  }

  // showNew leads to what has arrived, and is done with saying so.
  private showNew() {
    this.arrived = 0;
    this.absence.told();
    this.draw();
    void this.toEnd();
  }

  // toEnd keeps the newest exchange in sight of those who were there already.
  private async toEnd() {
    const wire = this.wire();
    if (!wire) return;
    await wire.updateComplete;
    wire.scrollTop = wire.scrollHeight;
  }

  // count says how many came where the learner isn't looking. What they look at stays where it is.
  private async count(more: number) {
    const wire = this.wire();
    if (!wire) return;
    await wire.updateComplete;
    if (below(wire) >= 8) this.set(() => (this.arrived += more));
  }

  // announce says new exchanges once they are answered; many at a time are summed.
  private announce(rows: Row[]) {
    if (this.recorded || this.file) return; // nothing of it is news
    const fresh = rows.filter((r) => r.answer && !this.said.has(r.id));
    if (!fresh.length) return;
    for (const r of fresh) this.said.add(r.id);
    this.live.textContent = fresh.length > 3 ? say('wire.newEvents', { n: fresh.length }) : fresh.map((r) => this.sentence(r)).join('. ');
  }

  private sentence(r: Row): string {
    const what = `${r.request.request!.method} ${r.path}`;
    if (sight(this.lens, r, this.list) !== 'all') return say('wire.exchangeHidden', { n: r.n });
    return r.failed ? say('wire.exchangeRefused', { n: r.n, what, check: r.failed.check }) : say('wire.exchange', { n: r.n, what, status: r.answer!.response!.status });
  }

  // select shows an exchange, wherever it is: in another view, or folded away. Its row is kept in sight once the inspector has taken
  // its place; who walks by keys has it in the middle third.
  async select(id: string, lead = false, walking = false) {
    this.selected = id;
    const folded = this.items.find((i): i is Fold => i.kind === 'fold' && i.rows.some((r) => r.id === id));
    if (folded) this.open.add(folded.id);
    if (this.query && !this.items.some((i) => i.id === id)) this.query = '';
    this.diff = false;
    this.draw();
    await this.later().catch(() => undefined);
    const inspector = this.host.querySelector<Exchange>('pg-exchange');
    const wire = this.wire();
    if (!inspector || !wire) return;
    await Promise.all([inspector.updateComplete, wire.updateComplete]);
    await new Promise(requestAnimationFrame); // its place is taken: now the wire's height is what it stays
    if (this.selected !== id) return; // another was selected meanwhile, and leads the way
    const row = document.getElementById(id);
    if (lead) inspector.scrollIntoView({ block: 'start' });
    else if (walking && wire.scrollHeight > wire.clientHeight && row) {
      const top = row.getBoundingClientRect().top - wire.getBoundingClientRect().top;
      if (top < wire.clientHeight / 3 || top > (wire.clientHeight * 2) / 3) wire.scrollTop += top - wire.clientHeight / 2 + row.clientHeight / 2;
    } else row?.scrollIntoView({ block: 'nearest' });
  }

  private see(lens: string) {
    this.set(() => (this.lens = lens));
    if (lens && !this.noted) this.later().then((l) => this.set(() => (this.noted = l.noted)), () => undefined);
  }

  follow(tag: string) {
    this.set(() => (this.followed = tag));
    if (tag && !this.way) this.later().then((l) => this.set(() => (this.way = l.following)), () => undefined);
  }

  private click(e: MouseEvent) {
    const target = e.target as Element;
    for (const menu of this.host.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) if (!menu.contains(target)) menu.open = false;
    const ref = target.closest<HTMLElement>('a[data-ref]');
    if (ref) {
      e.preventDefault();
      const row = refersTo(this.list, ref.dataset['ref']!);
      if (row) void this.select(row.id);
      return;
    }
    const tag = target.closest<HTMLElement>(':is(.val, .carry i)[data-tag]')?.dataset['tag'];
    if (tag && this.followedAt < e.timeStamp) this.follow(tag === this.followed ? '' : tag); // a part that has sent follow itself was heard
  }

  private key(e: KeyboardEvent) {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
    const target = e.target as Element;
    const menu = target.closest<HTMLDetailsElement>('details.menu[open]');
    if (e.key === 'Escape' && menu) {
      menu.open = false;
      menu.querySelector('summary')!.focus();
      return;
    }
    const inWire = target.closest('pg-wire') !== null;
    const rows = rowsOf(this.items);
    const at = rows.findIndex((r) => r.id === this.selected);
    const go = (i: number) => {
      const r = rows[Math.max(0, Math.min(rows.length - 1, i))];
      if (r) void this.select(r.id, false, true);
    };
    const later = () => go(at + 1);
    const earlier = () => go(at < 0 ? rows.length - 1 : at - 1);
    const moves: { [key: string]: () => void } = { ArrowDown: later, ArrowUp: earlier, Home: () => go(0), End: () => go(rows.length - 1) };
    if (target.tagName === 'PG-WIRE') moves['Enter'] = () => this.enter(at);
    const find = () => this.host.querySelector<HTMLElement>('.find')?.focus();
    const keys: { [key: string]: () => void } = {
      j: later,
      k: earlier,
      f: () => {
        const r = rows[at];
        const tag = r && (r.tags[0] ?? tagsIn(r.answer)[0]);
        if (tag) this.follow(tag === this.followed ? '' : tag);
      },
      p: () => this.toggle(),
      l: () => this.host.querySelector<HTMLElement>('pg-lens')?.focus(),
      t: () => this.set(() => (this.table = !this.table)),
      g: find,
      '/': find,
      d: () => (this.diff ? this.host.querySelector<HTMLElement & { next?(): void }>('pg-diff')?.next?.() : this.compare()),
    };
    if (this.replay && !target.closest('button, a, summary')) keys[' '] = () => this.replay!.toggle();
    const act = inWire && moves[e.key] ? moves[e.key] : single(e) ? keys[e.key] : undefined;
    if (!act) return;
    e.preventDefault();
    act();
  }

  // enter opens the checks of the selected exchange, or of the first.
  private enter(at: number) {
    const id = (rowsOf(this.items)[at] ?? rowsOf(this.items)[0])?.id;
    if (id) void this.select(id).then(() => this.host.querySelector<HTMLElement>('pg-exchange .pane')?.focus());
  }
}

const below = (el: HTMLElement) => el.scrollHeight - el.scrollTop - el.clientHeight;

const lock = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M4 7.5h8V13H4zM5.8 7.5V5.3a2.2 2.2 0 0 1 4.4 0v2.2" /></svg>`;
