// pg-vote: the instructor's side of a vote: a question of any lesson, its phases, both rounds, and what to do next. How it stands and what
// is right are covered until the reveal, unless the instructor looks.
// Properties in: vote, tally, lessons, at (the lesson that the room is in), learners, act.
import { html, nothing } from 'lit';
import { Panel, questionName, type Act } from './board-parts';
import { phases, type BoardLesson, type Phase, type Results, type Tally, type Vote } from './room-messages';
import { say, type Key } from './strings';
import { markup } from './trusted';
import { advice, covered, isRight, next, others, outOf, percent, result, revealed } from './vote-model';

export class VotePanel extends Panel {
  static properties = { vote: { attribute: false }, tally: { attribute: false }, lessons: { attribute: false }, at: { attribute: false }, learners: { attribute: false }, act: { attribute: false }, lesson: { state: true }, question: { state: true }, looking: { state: true }, whole: { state: true } };
  declare vote: Vote | null;
  declare tally?: Tally;
  declare lessons: BoardLesson[];
  declare at: string;
  declare learners: number;
  declare act: Act;
  declare lesson: string; // chosen to ask from; '' is the room's
  declare question: string;
  declare looking: string; // the round that the instructor looks at before the reveal, by roundOf
  declare whole?: Vote; // what the server tells who looks
  protected home = '.btn.do';
  private peeking = false;

  constructor() {
    super();
    this.vote = null;
    this.lessons = [];
    this.lesson = this.question = this.at = this.looking = '';
    this.learners = 0;
    this.addEventListener('keydown', (e) => e.repeat && e.key === 'Enter' && e.preventDefault()); // a key that is held goes one phase on
  }

  protected updated(changed: Map<string, unknown>) {
    super.updated(changed);
    if (this.vote && this.looks(this.vote) && (changed.has('tally') || changed.has('vote') || changed.has('looking'))) void this.peek();
  }

  private looks = (v: Vote) => this.looking === roundOf(v) && !revealed(v.phase);

  // peek asks how the vote stands, again if more has come meanwhile.
  private async peek() {
    if (this.peeking) return;
    this.peeking = true;
    let seen;
    do {
      seen = this.tally;
    } while ((await this.act(async (l) => (this.whole = await l.peek()))) && seen !== this.tally && this.vote && this.looks(this.vote));
    this.peeking = false;
  }

  // forward goes to the next phase, for the key V as well.
  forward() {
    if (this.vote) void this.go(next(this.vote));
  }

  private go = (phase: Phase | 'over') => {
    const ask = this.vote!.ask;
    return this.act((l) => l.phase(ask, phase), say(`room.phaseNow.${phase}`));
  };

  render() {
    const v = this.vote;
    return html`<header class="row spread wrap"><h2 id="vh" class="h-sm">${say('room.vote')}</h2>${v ? phaseList(v.phase) : nothing}</header>${v ? this.running(v) : this.choosing()}`;
  }

  // Before a vote: any question of any lesson.
  private choosing() {
    const lesson = this.lessons.find((l) => l.slug === (this.lesson || this.at)) ?? this.lessons[0];
    const all = lesson?.questions ?? [];
    const question = all.find((q) => q.id === this.question) ?? all.find((q) => !q.predict && !q.twin_of) ?? all[0];
    const ask = (e: Event) => {
      e.preventDefault();
      if (lesson && question) void this.act((l) => l.ask(lesson.slug, question.id), say('room.phaseNow.vote'));
    };
    return html`<form class="stack" @submit=${ask}><label><span class="h-sm">${say('room.lesson')}</span><select class="in" @change=${(e: Event) => {
        this.lesson = (e.target as HTMLSelectElement).value;
        this.question = '';
      }}>${this.lessons.map((l) => html`<option value=${l.slug} .selected=${l === lesson}>${l.number} ${l.title}</option>`)}</select></label>
      ${question
        ? html`<label><span class="h-sm">${say('room.question')}</span><select class="in" @change=${(e: Event) => (this.question = (e.target as HTMLSelectElement).value)}>${all.map((q) => html`<option value=${q.id} .selected=${q === question}>${q.predict ? say('room.aPrediction') + ' ' : q.twin_of ? say('room.aTwin') + ' ' : ''}${questionName(q)}</option>`)}</select></label>
          <div class="q prose" .innerHTML=${markup(question.html, lesson!.slug)}></div><p class="row wrap"><button class="btn do">${say('room.ask')}</button><span class="cap">${say('room.askWhy')}</span></p>`
        : html`<p class="soft">${say('room.noQuestions')}</p>`}</form>`;
  }

  private running(v: Vote) {
    const to = next(v);
    const voted = this.tally?.votes[v.round - 1] ?? result(v, v.round)?.votes ?? 0;
    const open = v.phase === 'vote' || v.phase === 'revote';
    const looking = this.looks(v);
    const seen = revealed(v.phase) ? v : looking && this.whole && roundOf(this.whole) === roundOf(v) ? this.whole : covered(v);
    return html`<div class="q prose" .innerHTML=${markup(v.html, v.lesson)}></div>
      ${v.kind === 'choice' ? html`<ol class="votes">${v.options.map((o, i) => this.option(seen, o, i))}</ol>` : this.byRow(seen)}
      <p class="cap" aria-live="off">${open ? say('room.voted', { n: voted, of: outOf(voted, this.learners) }) : nothing} ${this.suggestion(v, seen)} ${seen.results ? nothing : say('room.covered')}</p>
      <div class="row wrap acts-v">${revealed(v.phase) ? nothing : html`<button class="btn sm plain" @click=${() => (this.looking = looking ? '' : roundOf(v))}>${say(looking ? 'room.lookAway' : 'room.look')}</button>`}${others(v).map((p) => html`<button class="btn sm" @click=${this.press(p)}>${say(`room.go.${p}` as Key)}</button>`)}${revealed(v.phase) && v.twin ? html`<button class="btn sm" @click=${() => void this.act((l) => l.ask(v.lesson, v.twin), say('room.twinNow'))}>${say('room.askTwin')}</button>` : nothing}${to === 'over' ? nothing : html`<button class="btn sm plain" @click=${this.press('over')}>${say('room.go.over')}</button>`}
        <button class="btn do sm end" aria-keyshortcuts="v" @click=${this.press(to)}>${say(`room.go.${to}` as Key)}</button></div>
      ${seen.feedback?.some(Boolean) ? html`<details class="said-v"><summary class="cap">${say('room.whatIsSaid')}</summary><ol class="stack">${seen.feedback.map((f, i) => html`<li class=${isRight(seen, i + 1) ? 'right' : ''}>${v.kind === 'choice' ? html`<b .innerHTML=${markup(v.options[i] ?? '', v.lesson)}></b>` : nothing}<div class="soft" .innerHTML=${markup(f, v.lesson)}></div></li>`)}</ol></details>` : nothing}`;
  }

  // press goes to a phase, once for a double click: there is no way back.
  private press = (to: Phase | 'over') => (e: MouseEvent) => {
    if (e.detail < 2) void this.go(to);
  };

  private option(v: Vote, text: string, i: number) {
    const right = isRight(v, i + 1);
    return html`<li><span class="vl"><b .innerHTML=${markup(text, v.lesson)}></b>${right ? html` <span class="sr">${say('room.right')}</span>` : nothing}</span>${counts(v, (r) => r.options?.[i], right)}</li>`;
  }

  // byRow: where each row has an answer of its own, how many have it right.
  private byRow(v: Vote) {
    return html`${v.results ? html`<p class="cap">${say('room.rightByRow')}</p>` : nothing}<ol class="votes">${(v.rows ?? []).map((row, i) => html`<li><span class="vl"><b .innerHTML=${markup(row, v.lesson)}></b></span>${counts(v, (r) => r.rows?.[i])}</li>`)}</ol>`;
  }

  // suggestion says in words what the first votes suggest, and how the second ones stand, as far as that may be seen.
  private suggestion(v: Vote, seen: Vote) {
    const [a, b] = [percent(result(v, 1)), percent(result(seen, 2))];
    if (a === undefined) return v.phase === 'hidden' && v.results ? say('room.noVotes') : '';
    if (v.phase === 'vote') return '';
    if (b !== undefined) return say(advice(v) === 'talk' ? 'room.beforeTalking' : 'room.before', { a, b });
    if (v.phase === 'hidden') return say(`room.advice.${advice(v)!}`, { a });
    return say('room.first', { a });
  }
}
customElements.define('pg-vote', VotePanel);

const roundOf = (v: Vote) => `${v.ask} ${v.round}`;

// counts are the bars of an answer, of one round or of both, as far as they may be seen.
function counts(v: Vote, n: (r: Results) => number | undefined, right = false) {
  if (!v.results) return nothing;
  const of = Math.max(1, ...v.results.map((r) => r.votes));
  const [a, b] = [1, 2].map((round) => result(v, round)).map((r) => r && (n(r) ?? 0));
  const now = b ?? a ?? 0;
  return html`<span class="vb" aria-hidden="true">${b === undefined ? nothing : html`<i class="before" data-vars="--v:${(a ?? 0) / of}"></i>`}<i class=${right ? 'after right' : 'after'} data-vars="--v:${now / of}"></i></span>
    <span class="vn">${b === undefined ? nothing : html`${a ?? 0} <span class="muted">${say('room.then')}</span> `}<b>${now}</b></span>`;
}

// phaseList is the course of a vote, and where it is.
export function phaseList(now: Phase) {
  const at = phases.indexOf(now);
  return html`<ol class="phases" aria-label=${say('room.phases')}>${phases.map((p, i) => html`<li class=${i < at ? 'd' : i === at ? 'n' : ''} aria-current=${i === at ? 'step' : nothing}>${say(`room.phase.${p}`)}</li>`)}</ol>`;
}
