// pg-vote: the instructor's side of a vote: a question of any lesson, its phases, both rounds, and what to do next.
// Properties in: vote, tally, lessons, at (the lesson that the room is in), learners, act.
import { html, nothing } from 'lit';
import { questionName, type Act } from './board-parts';
import { Light } from './parts';
import { phases, type BoardLesson, type Phase, type Results, type Tally, type Vote } from './room-messages';
import { say, type Key } from './strings';
import { markup } from './trusted';
import { advice, isRight, next, others, percent, result, revealed } from './vote-model';

export class VotePanel extends Light {
  static properties = { vote: { attribute: false }, tally: { attribute: false }, lessons: { attribute: false }, at: { attribute: false }, learners: { attribute: false }, act: { attribute: false }, lesson: { state: true }, question: { state: true } };
  declare vote: Vote | null;
  declare tally?: Tally;
  declare lessons: BoardLesson[];
  declare at: string;
  declare learners: number;
  declare act: Act;
  declare lesson: string; // chosen to ask from; '' is the room's
  declare question: string;

  constructor() {
    super();
    this.vote = null;
    this.lessons = [];
    this.lesson = this.question = this.at = '';
    this.learners = 0;
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
    const first = result(v, 1);
    const second = result(v, 2);
    const to = next(v);
    const voted = this.tally?.votes[v.round - 1] ?? result(v, v.round)?.votes ?? 0;
    const open = v.phase === 'vote' || v.phase === 'revote';
    return html`<div class="q prose" .innerHTML=${markup(v.html, v.lesson)}></div>
      ${v.kind === 'choice' ? html`<ol class="votes">${v.options.map((o, i) => this.option(v, o, i, first, second))}</ol>` : this.byRow(v, first, second)}
      <p class="cap" aria-live="off">${open ? say('room.voted', { n: voted, of: this.learners }) : nothing} ${this.suggestion(v, first, second)}</p>
      <div class="row wrap acts-v">${others(v).map((p) => html`<button class="btn sm" @click=${() => void this.go(p)}>${say(`room.go.${p}` as Key)}</button>`)}${revealed(v.phase) && v.twin ? html`<button class="btn sm" @click=${() => void this.act((l) => l.ask(v.lesson, v.twin), say('room.twinNow'))}>${say('room.askTwin')}</button>` : nothing}${to === 'over' ? nothing : html`<button class="btn sm plain" @click=${() => void this.go('over')}>${say('room.go.over')}</button>`}
        <button class="btn do sm end" aria-keyshortcuts="v" @click=${() => void this.go(to)}>${say(`room.go.${to}` as Key)}</button></div>
      ${v.feedback?.some(Boolean) ? html`<details class="said-v"><summary class="cap">${say('room.whatIsSaid')}</summary><ol class="stack">${v.feedback.map((f, i) => html`<li class=${isRight(v, i + 1) ? 'right' : ''}>${v.kind === 'choice' ? html`<b .innerHTML=${markup(v.options[i] ?? '', v.lesson)}></b>` : nothing}<div class="soft" .innerHTML=${markup(f, v.lesson)}></div></li>`)}</ol></details>` : nothing}`;
  }

  private option(v: Vote, text: string, i: number, first?: Results, second?: Results) {
    const of = Math.max(1, first?.votes ?? 0, second?.votes ?? 0);
    const [a, b] = [first?.options[i] ?? 0, second?.options[i] ?? 0];
    const right = isRight(v, i + 1);
    return html`<li><span class="vl"><b .innerHTML=${markup(text, v.lesson)}></b>${right ? html` <span class="sr">${say('room.right')}</span>` : nothing}</span>
      <span class="vb" aria-hidden="true"><i class=${second ? 'before' : right ? 'after right' : 'after'} data-vars="--v:${a / of}"></i>${second ? html`<i class=${right ? 'after right' : 'after'} data-vars="--v:${b / of}"></i>` : nothing}</span>
      <span class="vn">${second ? html`${a} <span class="muted">${say('room.then')}</span> <b>${b}</b>` : html`<b>${a}</b>`}</span></li>`;
  }

  // byRow: where each row has an answer of its own, how many have it right.
  private byRow(v: Vote, first?: Results, second?: Results) {
    const of = Math.max(1, first?.votes ?? 0, second?.votes ?? 0);
    return html`<p class="cap">${say('room.rightByRow')}</p><ol class="votes">${(v.rows ?? []).map((row, i) => {
      const [a, b] = [first?.rows?.[i] ?? 0, second?.rows?.[i] ?? 0];
      return html`<li><span class="vl"><b .innerHTML=${markup(row, v.lesson)}></b></span><span class="vb" aria-hidden="true"><i class=${second ? 'before' : 'after'} data-vars="--v:${a / of}"></i>${second ? html`<i class="after" data-vars="--v:${b / of}"></i>` : nothing}</span><span class="vn">${second ? html`${a} <span class="muted">${say('room.then')}</span> <b>${b}</b>` : html`<b>${a}</b>`}</span></li>`;
    })}</ol>`;
  }

  // suggestion says in words what the votes suggest.
  private suggestion(v: Vote, first?: Results, second?: Results) {
    const a = percent(first);
    const b = percent(second);
    if (a === undefined) return v.phase === 'hidden' ? say('room.noVotes') : '';
    if (v.phase === 'vote') return '';
    if (b !== undefined) return say(advice(v) === 'talk' ? 'room.beforeTalking' : 'room.before', { a, b });
    if (v.phase === 'hidden') return say(`room.advice.${advice(v)!}`, { a });
    return say('room.first', { a });
  }
}
customElements.define('pg-vote', VotePanel);

// phaseList is the course of a vote, and where it is.
export function phaseList(now: Phase) {
  const at = phases.indexOf(now);
  return html`<ol class="phases" aria-label=${say('room.phases')}>${phases.map((p, i) => html`<li class=${i < at ? 'd' : i === at ? 'n' : ''} aria-current=${i === at ? 'step' : nothing}>${say(`room.phase.${p}`)}</li>`)}</ol>`;
}
