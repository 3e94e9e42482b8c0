// pg-learners: the table of a room's learners. A row that nothing has happened to is not drawn again.
// Properties in: roster, lessons, common, selected, off (the server's clock less this browser's, ms). Methods: draw (something may have
// changed), tick (a second has passed). Events out: pick (an id), closer (it was pressed: show who it is).
import { html, nothing, render } from 'lit';
import { lasting, parts, refusedBy, sorts, type Look, type Part, type Roster, type Sort } from './board-roster';
import { down } from './board-parts';
import { keep, kept } from './kept';
import { Keyed } from './keyed';
import type { BoardLesson, LearnerRow } from './room-messages';
import { say } from './strings';

const columns: { sort: Sort; title: string; className: string }[] = [
  { sort: 'name', title: say('room.name'), className: '' },
  { sort: 'progress', title: say('room.progress'), className: '' },
  { sort: 'progress', title: say('room.step'), className: 'plain-c' },
  { sort: 'time', title: say('room.onItFor'), className: 'num-c' },
  { sort: 'error', title: say('room.lastError'), className: '' },
];

const mostPips = 24; // of progress: what is longer is told in words alone

export class Learners extends HTMLElement {
  roster!: Roster;
  lessons: BoardLesson[] = [];
  common = ''; // the lesson that most are in: it need not be told of each
  selected = '';
  off = 0;
  private look: Look = { sort: 'time', backwards: false, part: 'all', text: '', ...kept<Partial<Look>>('board look'), };
  private head = document.createElement('header');
  private titles = document.createElement('thead');
  private body = document.createElement('tbody');
  private empty = document.createElement('p');
  private numbers = new Map<string, number>();
  private knew?: BoardLesson[];
  private times: { cell: HTMLElement; since: number }[] = [];
  private shown: LearnerRow[] = [];
  private rows = new Keyed<LearnerRow, HTMLTableRowElement>({
    make: (r) => {
      const tr = document.createElement('tr');
      tr.dataset['id'] = r.id;
      return tr;
    },
    draw: (tr, r) => this.row(tr, r),
    place: (tr, before) => this.body.insertBefore(tr, before ?? null),
    remove: (tr) => tr.remove(),
  });

  connectedCallback() {
    if (this.body.isConnected) return;
    this.look.text = '';
    this.head.className = 'row spread wrap lh';
    this.empty.className = 'empty';
    const scroll = document.createElement('div');
    scroll.className = 'scroll';
    const table = document.createElement('table');
    table.setAttribute('aria-labelledby', 'lh');
    const widths = document.createElement('colgroup'); // fixed: a row that changes moves no other
    widths.append(...columns.map(() => document.createElement('col')));
    table.append(widths, this.titles, this.body);
    scroll.append(table);
    this.append(this.head, scroll, this.empty);
    this.body.addEventListener('click', (e) => {
      const id = (e.target as Element).closest<HTMLElement>('tr')?.dataset['id'];
      if (!id) return;
      this.pick(id);
      this.dispatchEvent(new CustomEvent('closer', { bubbles: true }));
    });
    this.body.addEventListener('keydown', (e) => this.key(e));
    this.draw();
  }

  private set(change: Partial<Look>) {
    Object.assign(this.look, change);
    keep('board look', { ...this.look, text: undefined });
    this.draw();
  }

  draw() {
    if (this.knew !== this.lessons) {
      this.knew = this.lessons;
      this.numbers = new Map(this.lessons.map((l) => [l.slug, l.number]));
    }
    this.shown = this.roster.list(this.look, this.numbers);
    const had = this.contains(document.activeElement) ? (document.activeElement as HTMLElement) : undefined;
    const focusable = this.shown.some((r) => r.id === this.selected) ? this.selected : this.shown[0]?.id;
    this.rows.draw(this.shown, (r) => `${r.id === this.selected ? 's' : ''}${r.id === focusable ? 'f' : ''}${this.lessons.length ? 'l' : ''}${this.common}`);
    if (had && had.isConnected && document.activeElement !== had) had.focus({ preventScroll: true }); // its row has moved: the focus goes with it
    this.times = this.shown.filter((r) => r.here).map((r) => ({ cell: this.rows.element(r.id)!.querySelector<HTMLElement>('.for')!, since: Date.parse(r.since) }));
    this.drawHead();
    this.tick();
  }

  // tick tells the time on each step: text alone, and only where it has changed.
  tick() {
    const now = Date.now() + this.off;
    for (const { cell, since } of this.times) {
      const text = lasting(now - since);
      if (cell.textContent !== text) cell.textContent = text;
    }
  }

  private drawHead() {
    const l = this.look;
    const n = (p: Part) => this.roster.count(p);
    render(html`<h2 id="lh" class="h-sm">${say('room.learners')}</h2>
      <span class="row wrap"><span class="seg sm" role="radiogroup" aria-label=${say('room.show')}>${parts.map((p) => html`<label><input type="radio" name="part" .checked=${l.part === p} @change=${() => this.set({ part: p })} />${say(`room.part.${p}`)} <span class="n">${n(p)}</span></label>`)}</span>
        <input type="search" class="in find" aria-label=${say('room.filter')} placeholder=${say('room.filterShort')} .value=${l.text} @input=${(e: InputEvent) => this.set({ text: (e.target as HTMLInputElement).value })} />
        <label class="row cap sorted"><span>${this.numbers.has(this.common) ? say('room.lessonSortedBy', { number: this.numbers.get(this.common)! }) : say('room.sortedBy')}</span><select class="in" .value=${l.sort} @change=${(e: Event) => this.set({ sort: (e.target as HTMLSelectElement).value as Sort, backwards: false })}>${sorts.map((s) => html`<option value=${s} .selected=${s === l.sort}>${say(`room.sort.${s}`)}</option>`)}</select></label></span>`, this.head);
    render(html`<tr>${columns.map((c) => {
      const on = c.sort === l.sort && c.className !== 'plain-c';
      return html`<th scope="col" class=${c.className} aria-sort=${on ? (l.backwards ? 'descending' : 'ascending') : nothing}>${c.className === 'plain-c'
        ? c.title
        : html`<button class="sort" @click=${() => this.set({ sort: c.sort, backwards: on && !l.backwards })}>${c.title}${on ? html`<span class=${l.backwards ? 'up' : ''}>${down}</span>` : nothing}</button>`}</th>`;
    })}</tr>`, this.titles);
    this.empty.hidden = this.shown.length > 0;
    this.empty.textContent = this.roster.all.length ? say('room.noneFits') : say('room.nobody');
  }

  private row(tr: HTMLTableRowElement, r: LearnerRow) {
    const selected = r.id === this.selected;
    const reachable = selected || (!this.shown.some((s) => s.id === this.selected) && this.shown[0]?.id === r.id);
    tr.className = [r.stuck && 'stuck', !r.here && 'away', selected && 'sel'].filter(Boolean).join(' ');
    const lesson = this.lessons.find((l) => l.slug === r.lesson);
    const step = lesson?.steps.find((s) => s.id === r.step);
    const check = refusedBy(r);
    render(html`<th scope="row"><button class="pick" tabindex=${reachable ? 0 : -1} aria-pressed=${selected}>${r.name}</button>${r.hand ? html`<span class="hand">${asks}</span>` : nothing}${r.simulated ? html` <span class="cap">${say('room.simulated')}</span>` : nothing}</th>
      <td>${r.of ? progress(r) : nothing}</td>
      <td>${step ? `${r.n}. ${step.title}` : r.lesson ? say('room.beforeSteps') : ''}${lesson && lesson.slug !== this.common ? html` <span class="cap">${say('room.ofLesson', { number: lesson.number })}</span>` : nothing}</td>
      <td class="num-c">${r.here ? html`<span class="for"></span>${r.stuck ? html`<span class="sr">${say('room.stuck')}</span>` : nothing}` : html`<span class="muted">${say('room.reconnecting')}</span>`}</td>
      <td class="err">${r.error ? html`<span class="dotx"></span>${say('room.error', { n: r.error.n, error: r.error.error || r.error.status })}${check ? `, ${check}` : ''}` : nothing}</td>`, tr);
  }

  // Choosing

  private pick(id: string, focus = true) {
    this.dispatchEvent(new CustomEvent('pick', { detail: id, bubbles: true }));
    if (focus) this.rows.element(id)?.querySelector<HTMLElement>('.pick')?.focus();
  }

  // The arrows choose the row above or below.
  private key(e: KeyboardEvent) {
    const at = this.shown.findIndex((r) => r.id === (e.target as Element).closest<HTMLElement>('tr')?.dataset['id']);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.shown.length - 1 }[e.key];
    if (to === undefined || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    const r = this.shown[Math.max(0, Math.min(this.shown.length - 1, to))];
    if (r) this.pick(r.id);
  }
}
customElements.define('pg-learners', Learners);

// progress is a mark for each step: those that were passed, the one that the learner is on, those to come.
function progress(r: LearnerRow) {
  const label = say('room.stepOf', { at: r.n, of: r.of });
  if (r.of > mostPips) return html`<span class="cap">${label}</span>`;
  return html`<span class="prog" role="img" aria-label=${label}>${Array.from({ length: r.of }, (_, i) => html`<i class=${i + 1 < r.n ? 'd' : i + 1 === r.n ? 'n' : ''}></i>`)}</span>`;
}

const asks = html`<svg class="i" viewBox="0 0 16 16" role="img" aria-label=${say('room.asksForHelp')}><circle cx="8" cy="8" r="5.7" /><path d="M8 5v3.600m0 2v.1" /></svg>`;
