// pg-diff: two runs in one table, or what came before and after a change, exchange by exchange: what was the same is pale, what
// differed is marked, and where one side has nothing, it says why. Properties in: a, b (rows of the sides), names (of the sides),
// marks (what stands beside them), sums (what came of each side: a last row), since (the positions where what is compared begins),
// followed. Events out: pick (in side b).
import { html, nothing, type TemplateResult } from 'lit';
import { align, apart, type Pair } from './align';
import { timeOf, answerLine, lanes, type Row } from './model';
import { glyph, Light, tick, tone } from './parts';
import { actor, said, say } from './strings';
import type { Verdict } from './wire.gen';
import { arrow, sentence, tally } from './wire';

export class Diff extends Light {
  static properties = { a: { attribute: false }, b: { attribute: false }, names: { attribute: false }, marks: { attribute: false }, sums: { attribute: false }, since: { attribute: false }, followed: { attribute: false }, at: { state: true }, whole: { state: true } };
  declare a: Row[];
  declare b: Row[];
  declare names: string[];
  declare marks: TemplateResult[];
  declare sums: TemplateResult[];
  declare since: number[];
  declare followed: string;
  declare at: number; // the difference that is explained; -1 for the one that says most
  declare whole: boolean; // what is equal is not folded
  private actors: string[] = [];
  private stops = new Map<Pair, Row>(); // what was refused before, in the run that has nothing here

  constructor() {
    super();
    this.a = this.b = [];
    this.names = [];
    this.marks = [];
    this.sums = [];
    this.since = [0, 0];
    this.followed = '';
    this.at = -1;
    this.whole = false;
  }

  // next explains the next difference.
  next() {
    this.at = this.place(this.different()) + 1;
    void this.updateComplete.then(() => this.querySelector('tr[aria-current]')?.scrollIntoView({ block: 'nearest' }));
  }

  render() {
    this.actors = lanes([...this.a, ...this.b]);
    const pairs = align(this.a, this.b);
    this.stops = stops(pairs);
    const all = this.different(pairs);
    const at = this.place(all);
    const now = all[at];
    const heads = html`<th scope="col"><span class="lane-names"><span class="lanes" data-vars="--lanes:${this.actors.length}">${this.actors.map((a) => html`<span class="lane ${tone(a)}">${glyph(a)}<span>${said(`lens.${a}`) ?? actor(a)}</span></span>`)}</span></span></th><th scope="col">${say('inspector.answer')}</th>`;
    return html`<div class="twin-wrap" tabindex="0" role="region" aria-label=${say('wire.compare')}><table class="twin"><caption class="sr">${say('wire.compared', { a: this.names[0]!, b: this.names[1]! })}</caption>
        <colgroup><col /><col /><col /><col /><col /><col /></colgroup>
        <thead><tr class="runs"><td></td><td></td>${this.run(0, this.a)}${this.run(1, this.b)}</tr><tr class="names"><th scope="col">#</th><th scope="col">${say('inspector.request')}</th>${heads}${heads}</tr></thead>
        <tbody>${this.folded(pairs).map((p) => (Array.isArray(p) ? this.equal(p) : this.pair(p, p === now)))}
          ${this.sums.length ? html`<tr class="sum"><td></td><th scope="row">${say('wire.outcome')}</th>${this.sums.map((t) => html`<td colspan="2">${t}</td>`)}</tr>` : nothing}</tbody></table></div>
      <section class="because" aria-live="polite">${now ? this.why(now, at + 1, all.length) : html`<p>${say('wire.noDifference')}</p>`}</section>`;
  }

  private run = (i: number, rows: Row[]) => html`<th colspan="2" scope="colgroup"><b>${this.names[i]}</b> <span class="muted mono">${timeOf(rows[0]?.request)}</span> ${this.marks[i] ?? nothing}</th>`;

  // folded puts many equal exchanges in a row behind one line.
  private folded(pairs: Pair[]): (Pair | Pair[])[] {
    const first = this.whole ? 0 : this.early(pairs);
    const out: (Pair | Pair[])[] = first ? [pairs.slice(0, first)] : [];
    for (let i = first; i < pairs.length; i++) {
      const end = pairs.findIndex((p, j) => j > i && !p.same);
      const group = pairs[i]!.same ? pairs.slice(i, end < 0 ? undefined : end) : [];
      if (group.length > 3 && !this.whole) {
        out.push(group);
        i += group.length - 1;
      } else out.push(pairs[i]!);
    }
    return out;
  }

  private equal = (group: Pair[]) => html`<tr class="same"><td colspan="6" class="cap"><b class="mono">${numbers(group)}</b> ${this.ofMany(group)} <button class="btn sm plain" @click=${() => this.unfold()}>${say('wire.showThem')}</button></td></tr>`;

  // unfold shows all; the button that asked for it goes, and the table has the focus.
  private unfold() {
    this.whole = true;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.twin-wrap')?.focus({ preventScroll: true }));
  }

  private ofMany(group: Pair[]) {
    const differ = group.filter((p) => !p.same).length;
    return differ ? say('wire.early', { n: group.length, differ }) : say('wire.equal', { n: group.length });
  }

  private pair(p: Pair, now: boolean) {
    const r = (p.b ?? p.a)!;
    const name = html`<b>${r.request.request!.method}</b> ${r.path}`;
    const pick = (e: MouseEvent) => {
      e.preventDefault();
      if (!p.same) this.explain(p.b!);
      this.dispatchEvent(new CustomEvent('pick', { detail: p.b!.id, bubbles: true }));
    };
    return html`<tr class=${p.same ? 'same' : 'diff'} aria-current=${now ? 'true' : nothing}><td class="n mono">${p.a && p.b && p.a.n !== p.b.n ? `${p.a.n}, ${p.b.n}` : r.n}</td>
      <th scope="row">${p.b ? html`<a class="mono" href="#${p.b.id}" @click=${pick}>${name}</a>` : html`<span class="mono">${name}</span>`}<span class="x-say">${sentence(r)}</span></th>
      ${this.side(p.a, p)}${this.side(p.b, p)}</tr>`;
  }

  // explain says why an exchange of side b differs.
  explain(r: Row) {
    this.at = this.different().findIndex((p) => p.b === r);
  }

  // different are the differences to speak of.
  private different(pairs = align(this.a, this.b)) {
    return pairs.slice(this.whole ? 0 : this.early(pairs)).filter((p) => !p.same);
  }

  // early counts the pairs before what is compared begins.
  private early(pairs: Pair[]) {
    const [a = 0, b = 0] = this.since;
    const at = pairs.findIndex((p) => (p.a ? p.a.request.seq >= a : p.b!.request.seq >= b));
    return at < 0 ? pairs.length : at;
  }

  // place is that of the difference that is explained: until somebody chooses, the first that was refused on one side alone.
  private place(all: Pair[]) {
    return this.at < 0 ? Math.max(0, all.findIndex((p) => p.b?.failed && !p.a?.failed)) : this.at % (all.length || 1);
  }

  private side(r: Row | undefined, p: Pair): TemplateResult {
    const lines = html`<span class="lane-lines" aria-hidden="true"><span class="lanes">${this.actors.map((a) => html`<span class="lane ${tone(a)}"></span>`)}</span></span>`;
    if (!r) return html`<td class="lanes" data-vars="--lanes:${this.actors.length}">${lines}<span class="never">${this.missing(p)}</span></td><td class="ans cap">${say('wire.noRequest')}</td>`;
    const lane = (a = '') => this.actors.indexOf(a) + 1;
    const back = lane(r.request.from) > lane(r.request.to) ? ' back' : '';
    return html`<td class="lanes" data-vars="--lanes:${this.actors.length}">${lines}<span class="x ${tone(r.request.from!)}${back}${r.failed ? ' refused' : ''}"><span class="x-lanes" aria-hidden="true">${arrow(r, lane, true, this.tags(r).filter((t, i) => !p.same || t === this.followed || (!i && !r.tags.includes(this.followed))).map((t) => html`<i class=${t === this.followed ? 'on' : ''}>${t}</i>`))}</span></span></td>
      <td class="ans"><span class="row"><span class="st mono ${r.failed ? 'stopped' : ''}">${r.answer?.response?.status ?? '…'}</span>${tally(r.answer?.verdicts ?? [])}</span><span class="to mono">${r.answer ? answerLine(r) : say('inspector.stillOpen')}</span></td>`;
  }

  // tags that an arrow can carry: a second one only if there is room for both.
  private tags(r: Row) {
    const [from, to] = [r.request.from!, r.request.to!].map((a) => this.actors.indexOf(a));
    const room = Math.abs(from! - to!) / this.actors.length; // of some 40 letters
    return r.tags.join('').length < 40 * room + 6 ? r.tags : r.tags.slice(0, 1);
  }

  // missing says why a run has nothing here: after a refusal, that; else only that there is nothing.
  private missing(p: Pair): string {
    const stop = this.stops.get(p);
    return stop ? say('wire.neverSent', { n: stop.n, check: stop.failed!.check }) : say('wire.notInRun');
  }

  private why(p: Pair, n: number, all: number) {
    const [a, b] = [p.a?.answer?.verdicts ?? [], p.b?.answer?.verdicts ?? []];
    return html`<h2 class="h-sm">${say('wire.difference', { n, all, x: (p.b ?? p.a)!.n })} ${a.length || b.length ? html`<span class="cap">${say('inspector.checkedBy', { actor: actor((p.b ?? p.a)!.request.to!) })}</span>` : nothing} ${all > 1 ? html`<button class="btn sm plain end" @click=${() => this.next()}>${say('wire.nextDifference')}<kbd>D</kbd></button>` : nothing}</h2>
      <div class="two">${p.a ? this.trace(this.names[0]!, apart(a, b)) : nothing}${p.b ? this.trace(this.names[1]!, apart(b, a)) : nothing}</div>
      ${hashes([...a, ...b])}`;
  }

  private trace(name: string, { equal, own }: { equal: number; own: Verdict[] }) {
    const classes: Record<string, string> = { 'fail enforce': 'no', 'fail observe': 'would', 'off off': 'notrun' };
    const line = (v: Verdict) => html`<li class=${classes[`${v.outcome} ${v.mode}`] ?? ''}><span class="v">${tick(v.outcome)}</span><span class="name">${v.check}</span><span class="ref">${v.spec}</span>${v.outcome === 'fail' ? html`<span class="why">${say(v.mode === 'observe' ? 'wire.letThrough' : 'wire.refusedHere')}${(v.expected || v.actual) && !hashed(v) ? html` ${say('wire.wanted')} <span class="mono">${v.expected}</span>, ${say('inspector.came')} <span class="mono">${v.actual}</span>.` : nothing}</span>` : nothing}</li>`;
    return html`<ol class="trace" aria-label=${name}>${equal ? html`<li><span class="v">${tick('pass')}</span><span class="name">${say('wire.equalChecks', { n: equal })}</span></li>` : nothing}${own.map(line)}</ol>`;
  }
}
customElements.define('pg-diff', Diff);

const numbers = (group: Pair[]) => [group[0]!, group.at(-1)!].map((p) => (p.b ?? p.a)!.n).join('–');

// stops finds for each pair that lacks a side what was refused before in that run.
function stops(pairs: Pair[]): Map<Pair, Row> {
  const found = new Map<Pair, Row>();
  let [a, b]: (Row | undefined)[] = [];
  for (const p of pairs) {
    if (p.a?.failed) a = p.a;
    if (p.b?.failed) b = p.b;
    const stop = !p.a ? a : !p.b ? b : undefined;
    if (stop) found.set(p, stop);
  }
  return found;
}

const hashed = (v: Verdict) => v.check === 'as.pkce-verifier' && v.outcome === 'fail' && [v.expected, v.actual].every((t) => /^[\w-]{43}$/.test(t ?? ''));

// hashes are a challenge and the hash of the verifier that came, where a check has compared two: a character under the other, and
// those that differ are marked.
function hashes(verdicts: Verdict[]) {
  const v = verdicts.find(hashed);
  if (!v) return nothing;
  return html`<dl class="hash mono"><dt>${say('wire.hashWanted')}</dt><dd>${v.expected}</dd><dt>${say('wire.hashCame')}</dt><dd><span class="sr">${v.actual}</span><span aria-hidden="true">${[...v.actual!].map((c, i) => html`<i class=${c === v.expected![i] ? 'eq' : ''}>${c}</i>`)}</span></dd></dl>`;
}
