// pg-wire: the sequence diagram. A row is an exchange, a column is an actor. It is an ordered list, so it reads, is searched and
// is spoken like one; as a table it is the same list with other columns and roles, and the same ids.
// Properties in: items (rows, bands, folds), list (all of the run: lanes and lenses look at it), selected, followed, lens, table,
// arrived (how many came unseen), upto (in a replay: the number of rows that are drawn). Events out: pick, fold, toend.
import { html, nothing, repeat, type TemplateResult } from 'lit';
import { expired, span } from './expiry';
import type { Fold } from './fold';
import { judges, party, sight, type Sight } from './lens';
import { timeOf, answerLine, eventsOf, hostOf, lanes, rowsOf, tagsIn, type Band, type Ghost, type Item, type Row } from './model';
import { glyph, Light, tone } from './parts';
import { actor, said, say } from './strings';
import type { Event, Verdict } from './wire.gen';

const draws = 320; // ms, as --m-draw
const apart = 120;
const dense = 12; // rows that have a line for their sentence

// Drawn is what a line of the diagram may stand for.
export type Drawn = Item | Fold | Ghost;

export class Wire extends Light {
  static properties = { items: { attribute: false }, list: { attribute: false }, selected: { attribute: false }, followed: { attribute: false }, lens: { attribute: false }, table: { attribute: false }, arrived: { attribute: false }, upto: { attribute: false } };
  declare items: Drawn[];
  declare list: Item[];
  declare selected: string;
  declare followed: string;
  declare lens: string;
  declare table: boolean;
  declare arrived: number;
  declare upto: number;
  private actors: string[] = [];
  private drawn?: WeakSet<Event>; // requests that were here before
  private waits = new Map<string, number>(); // rows whose arrow is being drawn, with the time they wait for their turn
  private free = 0; // when the last arrow will be drawn

  constructor() {
    super();
    this.items = this.list = [];
    this.selected = this.followed = this.lens = '';
    this.table = false;
    this.arrived = 0;
    this.upto = -1;
    this.addEventListener('animationend', (e) => {
      if (e.animationName === 'drawn') this.waits.delete((e.target as Element).closest('li')!.id);
    });
  }

  protected willUpdate(changed: Map<string, unknown>) {
    if (this.upto >= 0) {
      const row = rowsOf(this.items)[this.upto - 1];
      if (changed.has('upto') && row) this.waits = new Map([[row.id, 0]]);
      return;
    }
    if (changed.has('items')) this.queue(rowsOf(this.items));
  }

  // queue lets new arrows be drawn one at a time; when more than five wait, all at once. What was here at first, is not drawn.
  private queue(rows: Row[]) {
    const fresh = this.drawn ? rows.filter((r) => !this.drawn!.has(r.request)) : [];
    this.drawn ??= new WeakSet();
    for (const r of rows) this.drawn.add(r.request);
    const now = performance.now();
    if (fresh.length + [...this.waits].filter(([, at]) => at > 0).length > 5) {
      this.free = now;
      for (const id of [...this.waits.keys(), ...fresh.map((r) => r.id)]) this.waits.set(id, 0);
      return;
    }
    for (const r of fresh) {
      this.waits.set(r.id, Math.max(0, Math.round(this.free - now)));
      this.free = Math.max(now, this.free) + draws + apart;
    }
  }

  render() {
    this.actors = lanes(this.list);
    const rows = rowsOf(this.items);
    const pill = this.arrived ? html`<button class="pill btn sm" @click=${() => this.send('toend')}>${say('wire.arrived', { n: this.arrived })}</button>` : nothing;
    if (this.table) return html`<div class="wire table"><table class="twin-table" aria-label=${say('wire.exchanges')}>${this.heads()}<tbody>${repeat(this.items, (i) => i.id, (i) => (i.kind === 'row' ? this.record(i) : this.band(i)))}</tbody></table>${pill}</div>`;
    return html`<div class="wire ${rows.length > dense ? 'dense' : ''}" data-vars="--lanes:${this.actors.length || 1}">
      <div class="lane-lines" aria-hidden="true"><div class="lanes">${this.actors.map((a) => html`<span class="lane ${tone(a)}"></span>`)}</div></div>${this.names()}
      <ol aria-label=${say('wire.exchanges')}>${repeat(this.items, (i) => i.id, (i) => (i.kind === 'row' ? this.row(i, rows) : this.band(i)))}</ol>${pill}
    </div>`;
  }

  private names() {
    const name = (a: string) => html`<span class="lane ${tone(a)}">${glyph(a)}<span>${actor(a)}</span></span>`;
    return html`<p class="legend" aria-hidden="true">${this.actors.map((a) => html`<span class="who ${tone(a)}">${glyph(a)}${actor(a)}</span>`)}</p>
      <div class="lane-names" aria-hidden="true"><span class="x-n">#</span><span class="x-req">${say('inspector.request')}</span><div class="lanes">${this.actors.map(name)}</div><span class="x-ans">${say('inspector.answer')}</span></div>`;
  }

  private heads() {
    const names = ['#', say('wire.time'), say('wire.from'), say('wire.to'), say('inspector.request'), say('inspector.answer'), say('wire.checks'), say('wire.carries')];
    return html`<thead><tr>${names.map((n) => html`<th scope="col">${n}</th>`)}</tr></thead>`;
  }

  private row(r: Row, rows: Row[]): TemplateResult {
    const s = sight(this.lens, r, this.list);
    const at = rows.indexOf(r);
    const later = this.upto >= 0 && at >= this.upto;
    const wait = this.waits.get(r.id);
    const open = r.openLane ? ` open-${r.openFirst ? 'a' : r.openLast ? 'z' : 'm'}` : '';
    const refused = r.failed && s === 'all' ? ' refused' : '';
    const classes = `x ${tone(r.request.from!)} to-${tone(r.request.to!)}${this.lane(r.request.from) > this.lane(r.request.to) ? ' back' : ''}${refused}${r.chain ? ` chain-${r.chain}` : ''}${open}${s === 'none' || s === 'url' ? ' unseen-arrow' : ''}${later ? ' later' : ''}${wait === undefined ? '' : ' new'}`;
    return html`<li id=${r.id} class=${classes} aria-current=${this.selected === r.id ? 'true' : nothing} data-vars="--open:${this.lane(r.openLane)};--wait:${wait ?? 0}ms">
      <span class="x-n">${r.n}</span>
      <span class="x-req">${this.link(r, s)}${this.sentence(r, s)}</span>
      <span class="x-lanes" aria-hidden="true">${this.arrow(r, s)}</span>
      <span class="x-ans">${this.answer(r, s)}<span class="sr">${this.twin(r, s)}</span></span>
    </li>`;
  }

  // record is the row of the table.
  private record(r: Row): TemplateResult {
    const s = sight(this.lens, r, this.list);
    const who = (a: string) => html`<td><span class="who ${tone(a)}">${glyph(a)}${said(`lens.${a}`) ?? actor(a)}</span></td>`;
    return html`<tr id=${r.id} aria-current=${this.selected === r.id ? 'true' : nothing}>
      <td class="mono">${r.n}</td><td class="mono">${timeOf(r.request) || '–'}</td>${who(r.request.from!)}${who(r.request.to!)}<th scope="row">${this.link(r, s)}</th>
      <td class="mono">${s === 'all' ? html`<b class=${r.failed ? 'stopped' : ''}>${status(r)}</b> ${outcome(r)}` : mask(6)}</td>
      <td>${s === 'all' && judges(this.lens, r) ? checks(r) : nothing}</td><td>${this.tags(r, s)}</td>
    </tr>`;
  }

  private link(r: Row, s: Sight) {
    const method = r.request.request!.method;
    const name = {
      all: () => html`<b>${method}</b>${r.path}`,
      url: () => html`<b>${method}</b>${r.path}`,
      host: () => html`<b>${mask(method.length)}</b>${hostOf(r.request.request!.url)}`,
      none: () => html`<b>${mask(method.length)}</b>${mask(r.path.length)}<span class="sr">${r.n}, ${say('lens.hidden')}</span>`,
    }[s]();
    return html`<a class="x-name" href="#${r.id}" @click=${(e: MouseEvent) => this.pick(e, r)}>${name}</a>`;
  }

  // sentence is what happens in plain words; in a narrow diagram it makes room for the tags, which have no line to ride on there.
  private sentence(r: Row, s: Sight) {
    const words = sentence(r);
    const text = s === 'all' || s === 'url' ? html`<span class="x-words">${words}</span>` : mask(words.length);
    return html`<span class="x-say ${r.tags.length ? 'has' : ''}">${text}<span class="x-tags" aria-hidden="true">${this.tags(r, s)}</span></span>`;
  }

  private tags(r: Row, s: Sight) {
    const tag = (t: string) => (this.known(r, t, s) ? html`<span class="val ${t === this.followed ? 'on' : ''}" data-tag=${t}>${t}</span> ` : html`${mask(t.length)} `);
    return this.shown(r).map(tag);
  }

  // shown are the tags drawn with a request: the two that say most, and always the followed one.
  private shown(r: Row) {
    const also = this.followed && !r.tags.includes(this.followed) && tagsIn(r.request).includes(this.followed);
    return also ? [this.followed, ...r.tags.slice(0, 1)] : r.tags;
  }

  // known tells whether the lens shows a value that a request carries: one in an address goes where the address goes.
  private known(r: Row, tag: string, s: Sight) {
    return s === 'all' || (s === 'url' && (r.request.finds ?? []).some((f) => f.tag === tag && (f.in === 'query' || f.in === 'path')));
  }

  private lane = (a = '') => this.actors.indexOf(a) + 1;

  private arrow(r: Row, s: Sight) {
    return html`${arrow(r, this.lane, s === 'all', this.shown(r).map((t) => (this.known(r, t, s) ? html`<i class=${t === this.followed ? 'on' : ''} data-tag=${t}>${t}</i>` : html`<i>${mask(t.length)}</i>`)))}${this.way(r)}`;
  }

  // way is how a redirect leads the browser back, and on to the next row. What lies between, it runs through.
  private way(r: Row) {
    const color = (of: Row) => `--rc:var(--${tone(of.request.to!)})`;
    if (r.way) return html`<span class="ret through" data-vars="--lo:${this.lane(r.way.request.from)};--hi:${this.lane(r.way.request.from)};${color(r.way)}"></span>`;
    if (r.answer?.kind !== 'redirect') return nothing;
    return html`<span class="ret ${r.leads ? '' : 'last'}" data-vars="${ends(r, this.lane)};${color(r)}"></span>`;
  }

  private answer(r: Row, s: Sight) {
    if (s !== 'all') return html`<span class="row"><span class="st">${mask(3)}</span></span><span class="to">${mask(10)}<span class="z">.</span></span>`;
    return html`<span class="row"><span class="st ${r.failed ? 'stopped' : ''}">${status(r)}</span>${tally(judges(this.lens, r) ? (r.answer?.verdicts ?? []) : [])}</span><span class="to">${this.marked(outcome(r))}<span class="z">.</span></span>`;
  }

  private marked(text: string) {
    return this.followed && text.includes(this.followed) ? text.split(/(, )/).map((t) => (t === this.followed ? html`<mark>${t}</mark>` : t)) : text;
  }

  // twin is the rest of the row in a sentence, for those who hear it.
  private twin(r: Row, s: Sight): string {
    const verdicts = judges(this.lens, r) && s === 'all' ? (r.answer?.verdicts ?? []) : [];
    const passed = verdicts.filter((v) => v.outcome === 'pass').length;
    const known = this.shown(r).filter((t) => this.known(r, t, s));
    const parts = [say('wire.twin', { from: actor(r.request.from!), to: actor(r.request.to!) })];
    if (known.length) parts.push(say('wire.twinCarries', { what: known.length > 1 ? say('wire.and', { a: known[0]!, b: known[1]! }) : known[0]! }));
    if (passed) parts.push(say('wire.twinPassed', { n: passed }));
    if (r.failed && s === 'all') parts.push(say('wire.twinRefused', { check: r.failed.check }));
    if (s === 'all') for (const v of r.observed) parts.push(say('wire.twinObserved', { check: v.check }));
    if (r.answer?.kind === 'redirect' && s === 'all') parts.push(say('wire.twinRedirects', { who: actor(r.request.from!) }));
    return parts.join(' ');
  }

  private band(b: Band | Fold | Ghost) {
    if (b.kind === 'fold') return this.fold(b);
    if (b.kind === 'ghost') return this.ghost(b);
    const c = b.event?.change;
    if (!c) return this.jump(b, '', html`${say('wire.unseen', { host: b.host! })}`);
    const hidden = this.lens && party(c.actor) !== this.lens;
    const time = (at = '') => at.slice(11, 19);
    const changed = () => html`${say('wire.changed', { what: c.actor!, from: c.from!, to: c.to! })}`;
    const text: Record<string, () => TemplateResult> = {
      clock: () => {
        const gone = expired(eventsOf(this.list).filter((e) => e.seq < b.event!.seq), c.from!, c.to!);
        return html`${clock}<b>+${span((Date.parse(c.to!) - Date.parse(c.from!)) / 1000)}</b> ${say('wire.jump', { from: time(c.from), to: time(c.to) })} ${gone.length ? say('wire.expired', { what: gone.join(', ') }) : ''}`;
      },
      policy: changed,
      setting: changed,
      run: () => html`${say('wire.run', { n: b.event!.run })}`,
      read: () => html`${glyph('attacker')}${hidden ? mask(30) : say('wire.reads', { who: actor(c.actor!), where: c.from!.replace(/browser$/, actor('browser')), what: tagsIn(b.event).join(', ') || c.to! })}`,
    };
    return this.jump(b, c.what === 'read' ? 'attacker' : c.what, text[c.what]!());
  }

  private ghost(g: Ghost): TemplateResult {
    const name = html`<b>${g.method}</b>${g.path}`;
    const why = html`<span class="cap">${say('wire.notSent')}</span>`;
    if (this.table) return html`<tr id=${g.id}><td class="mono">${g.n}</td><td></td><td>${actor(g.from)}</td><td>${actor(g.to)}</td><th scope="row"><span class="x-name">${name}</span></th><td colspan="3">${why}</td></tr>`;
    return html`<li id=${g.id} class="x ghost ${tone(g.from)}"><span class="x-n">${g.n}</span><span class="x-req"><span class="x-name">${name}</span><span class="x-say">${say('wire.waits')}</span></span>
      <span class="x-lanes" aria-hidden="true"><span class="arrow" data-vars="--lo:${this.lane(g.from)};--hi:${this.lane(g.to)}"></span></span><span class="x-ans">${why}</span></li>`;
  }

  private fold(f: Fold) {
    const phase = (f.known ? said(`phase.${f.phase}`) : undefined) ?? f.phase;
    return this.jump(f, 'folded', html`<b class="mono">${f.rows[0]!.n}–${f.rows.at(-1)!.n}</b> ${say('wire.fold', { phase, n: f.rows.length })}<button class="btn sm plain" aria-expanded=${f.open} aria-label="${say(f.open ? 'wire.foldClose' : 'wire.foldOpen')}, ${phase}" @click=${() => this.send('fold', f.id)}>${say(f.open ? 'wire.foldClose' : 'wire.foldOpen')}</button>`);
  }

  private jump(b: Band | Fold, kind: string, text: TemplateResult): TemplateResult {
    if (this.table) return html`<tr id=${b.id}><td colspan="8"><div class="jump ${kind}"><span></span><span>${text}</span></div></td></tr>`;
    return html`<li class="jump ${kind}" id=${b.id}><span></span><span>${text}</span></li>`;
  }

  private pick(e: MouseEvent, r: Row) {
    e.preventDefault();
    this.send('pick', r.id);
  }

  private send(name: string, detail = '') {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }

  // updated sets what changed of the places: at sixty rows most have not.
  protected updated(_: unknown) {
    for (const el of this.querySelectorAll<HTMLElement & { vars?: string }>('[data-vars]')) {
      const vars = el.dataset['vars']!;
      if (el.vars === vars) continue;
      el.vars = vars;
      for (const pair of vars.split(';')) el.style.setProperty(pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1));
    }
  }
}
customElements.define('pg-wire', Wire);

const clock = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.7" /><path d="M8 4.8V8l2.2 1.6" /></svg>`;

// mask stands for a text that the lens hides: as long, and empty.
const mask = (length: number) => html`<span class="mask" data-vars="--len:${length}"></span>`;

const status = (r: Row) => (r.answer ? String(r.answer.response!.status || say('wire.cut')) : '…');
const outcome = (r: Row) => (r.answer ? answerLine(r) : say('inspector.stillOpen'));

// sentence is what an exchange is about, as far as the catalogue knows its address. Mallory's are another matter, and so are those
// about an app of one's own, for which everything goes over plain HTTP.
export function sentence(r: Row): string {
  const what = `${r.request.to} ${r.request.request!.method} ${r.path}`;
  const whose = r.attack ? 'attacker ' : r.request.request!.url.startsWith('http:') ? 'outside ' : '';
  return said(`exchange ${whose}${what}`) ?? said(`exchange ${what}`) ?? '';
}

const ends = (r: Row, lane: (a?: string) => number) => {
  const [from, to] = [lane(r.request.from), lane(r.request.to)];
  return `--lo:${Math.min(from, to)};--hi:${Math.max(from, to)}`;
};

// arrow is an exchange on its lanes, with what stopped it, or would have, and the tags it carries.
export function arrow(r: Row, lane: (a?: string) => number, seen: boolean, tags: TemplateResult[]) {
  const bar = !seen ? nothing : r.failed ? html`<span class="bar"></span>` : r.observed.length ? html`<span class="bar would"></span>` : nothing;
  return html`<span class="arrow" data-vars=${ends(r, lane)}>${bar}${tags.length ? html`<span class="carry ${tags.length > 1 ? 'n2' : 'long'}">${tags}</span>` : nothing}</span>`;
}

// tally has a stroke for each check, in their order.
export function tally(verdicts: Verdict[]) {
  const classes: Record<string, string> = { 'fail enforce': 'no', 'fail observe': 'would', 'off off': 'off' };
  return html`<span class="tally" aria-hidden="true">${verdicts.map((v) => html`<i class=${classes[`${v.outcome} ${v.mode}`] ?? ''}></i>`)}</span>`;
}

// checks are the tally in words.
function checks(r: Row): string {
  const of = (outcome: string) => (r.answer?.verdicts ?? []).filter((v) => v.outcome === outcome).length;
  return [
    of('pass') ? say('wire.passed', { n: of('pass') }) : '',
    r.failed ? say('wire.refusedBy', { check: r.failed.check }) : '',
    ...r.observed.map((v) => say('wire.wouldBy', { check: v.check })),
    of('off') ? say('wire.off', { n: of('off') }) : '',
  ].filter(Boolean).join(', ');
}
