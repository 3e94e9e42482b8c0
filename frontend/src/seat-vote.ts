// pg-ballot: the question that a room votes on, as one learner sees it. It looks as the lesson's own questions do, and its phases are the
// instructor's. Results are drawn once the server has sent them, and are nowhere in the page before.
// Properties in: vote, mine (the learner's last vote), shut (why no vote is taken now, though its round is open). Events out: cast, with the answer.
import './more';
import { html, nothing, type TemplateResult } from 'lit';
import { draft, drafted } from './drafts';
import { check, Light } from './parts';
import type { Results, Vote, You } from './room-messages';
import { said, say } from './strings';
import { trusted } from './trusted';

const lock = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M4 7.5h8V13H4zM5.8 7.5V5.3a2.2 2.2 0 0 1 4.4 0v2.2" /></svg>`;

// plain is what HTML says, for places that hold text alone.
const plain = (markup: string) => {
  const t = document.createElement('template');
  t.innerHTML = trusted(markup);
  return t.content.textContent ?? '';
};

// roundOf is the round in which a phase takes votes, or 0.
export const roundOf = (v: Vote) => (v.phase === 'vote' ? 1 : v.phase === 'revote' ? 2 : 0);

// Mine is a learner's own vote.
export type Mine = NonNullable<You['vote']>;

export class Ballot extends Light {
  static properties = { vote: { attribute: false }, mine: { attribute: false }, shut: {}, busy: { type: Boolean }, problem: { state: true }, chosen: { state: true } };
  declare vote: Vote;
  declare mine?: Mine;
  declare shut: string;
  declare busy: boolean;
  declare problem: string;
  declare chosen: number[]; // as it stands in the form
  private shown = ''; // the ask and the phase that chosen belongs to
  private held = false; // the focus was in here
  private touched = false; // by the learner, in this phase

  constructor() {
    super();
    this.busy = false;
    this.problem = this.shut = '';
    this.chosen = [];
  }

  connectedCallback() {
    super.connectedCallback();
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', say('seat.vote'));
    this.classList.add('block');
    this.tabIndex = -1;
  }

  private get round() {
    return roundOf(this.vote);
  }

  private get name() {
    return `vote ${this.vote.ask} ${this.round}`;
  }

  // own is the learner's vote in this question, if there is one.
  private get own() {
    return this.mine?.ask === this.vote.ask ? this.mine : undefined;
  }

  protected willUpdate() {
    this.held = this.contains(document.activeElement);
    const now = `${this.vote.ask} ${this.vote.phase}`;
    if (now !== this.shown) {
      this.shown = now;
      this.problem = '';
      this.touched = false;
    }
    if (this.touched) return;
    // A second vote is a choice of its own: nothing is filled in for it. Otherwise the vote stands as it was given.
    const own = this.own && (!this.round || this.own.round === this.round) ? this.own.answer : undefined;
    this.chosen = (this.round && drafted<number[]>(this.name)) || own || [];
  }

  // updated holds the focus: what had it may take nothing more, as a vote whose round is over.
  protected updated(changed: unknown) {
    super.updated(changed);
    if (this.held && (!this.contains(document.activeElement) || document.activeElement?.matches(':disabled'))) this.focus({ preventScroll: true });
  }

  render() {
    const v = this.vote;
    const open = this.round > 0;
    return html`<form @submit=${(e: SubmitEvent) => this.submit(e)} @change=${(e: Event) => this.choose(e.currentTarget as HTMLFormElement)}>
      <div class="qh"><b>${say('seat.vote')}</b><span class="cap">${say('seat.voteOf', { n: v.number, title: v.title })}</span></div>
      <p class="phase">${v.right || open ? nothing : lock}<span>${said(`seat.phase.${v.phase}`)}</span></p>
      <div class="q" id="ballot-q" .innerHTML=${this.html(v.html)}></div>
      ${v.kind === 'choice' ? this.options(open) : v.kind === 'matrix' ? this.cells(open) : this.rows(open)}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${this.outcome()}
      ${open && this.shut ? html`<p class="cap shut">${this.shut}</p>` : nothing}
      ${open ? html`<p class="qf wrap"><button class="btn ${this.sent ? '' : 'do'}" aria-disabled=${this.busy || this.shut ? 'true' : nothing}>${say(this.counted ? 'seat.voteChange' : 'seat.voteSend')}</button><span class="cap" role="status">${this.sent ? html`<span class="row">${check}${say('seat.voteIn')}</span>` : nothing}</span></p>` : this.own ? nothing : html`<p class="cap">${say('seat.voteNone')}</p>`}
    </form>`;
  }

  // counted: there is a vote of this round; sent: it is the one in the form.
  private get counted() {
    return this.own?.round === this.round;
  }

  private get sent() {
    return this.counted && this.own!.answer.join() === this.chosen.join();
  }

  // Links to a run lead to the lesson's, unless the learner is in it.
  private html = (markup: string) => trusted(document.querySelector(`pg-lesson[slug="${this.vote.lesson}"]`) ? markup : markup.replaceAll('href="#wire"', `href="/lessons/${this.vote.lesson}#wire"`));

  private options(open: boolean) {
    const v = this.vote;
    return html`<div class="opts" role="radiogroup" aria-labelledby="ballot-q">${v.options.map((option, i) => {
      const n = i + 1;
      const mine = this.own?.answer.includes(n) ?? false;
      const right = v.right?.includes(n) ?? false;
      const tags = [right && say('question.right'), mine && !open && say('seat.voteYours'), mine && open && !this.counted && say('seat.voteFirst')].filter(Boolean).join(' · ');
      return html`<label class="opt ${open ? '' : 'done'} ${mine && !open ? 'yours' : ''} ${right ? 'right' : ''}"><input type="radio" name="choice" value=${n} required ?disabled=${!open} .checked=${this.chosen.includes(n)} /><span .innerHTML=${this.html(option)}></span>
        ${tags ? html`<span class="tag">${right ? html`<span class="row">${check}${tags}</span>` : tags}</span>` : nothing}
        ${v.results ? this.bars((r) => r.options?.[i] ?? 0, right) : nothing}
        ${v.feedback?.[i] && v.phase === 'explain' ? html`<span class="fb" .innerHTML=${this.html(v.feedback[i])}></span>` : nothing}</label>`;
    })}</div>`;
  }

  // columnsOf are the places of an order, or what the rows are matched with.
  private get columns() {
    const v = this.vote;
    return v.columns?.length ? v.columns : (v.rows ?? []).map((_, i) => String(i + 1));
  }

  private rows(open: boolean) {
    const v = this.vote;
    return html`<p class="cap" id="ballot-how">${said(`how.${v.kind}`)}</p><ul class="pairs" aria-labelledby="ballot-q" aria-describedby="ballot-how">${(v.rows ?? []).map((row, i) => html`<li><label><span .innerHTML=${this.html(row)}></span>
      <select name="answer" required ?disabled=${!open}><option value="" .selected=${!this.chosen[i]}>${said(`choose.${v.kind}`)}</option>${this.columns.map((c, n) => html`<option value=${n + 1} .selected=${this.chosen[i] === n + 1}>${plain(c)}</option>`)}</select></label>
      ${v.right ? html`<span class="tag" data-row>${this.own?.answer[i] === v.right[i] ? say('question.rowRight') : say('seat.voteRight', { what: plain(this.columns[(v.right[i] ?? 0) - 1] ?? '') })}</span>` : nothing}
      ${v.results ? this.bars((r) => r.rows?.[i] ?? 0, true) : nothing}</li>`)}</ul>`;
  }

  private cells(open: boolean) {
    const v = this.vote;
    const columns = v.columns ?? [];
    const cell = (i: number, n: number) => i * columns.length + n + 1;
    return html`<p class="cap" id="ballot-how">${said('how.matrix')}</p><div class="scroll"><table class="marks" aria-labelledby="ballot-q" aria-describedby="ballot-how"><thead><tr><td></td>${columns.map((c, n) => html`<th scope="col" id="ballot-c${n}" .innerHTML=${this.html(c)}></th>`)}</tr></thead>
      <tbody>${(v.rows ?? []).map((row, i) => html`<tr><th scope="row" id="ballot-r${i}"><span .innerHTML=${this.html(row)}></span>${v.results ? this.bars((r) => r.rows?.[i] ?? 0, true) : nothing}</th>
        ${columns.map((_, n) => html`<td><label><input type="checkbox" name="answer" value=${cell(i, n)} aria-labelledby="ballot-r${i} ballot-c${n}" ?disabled=${!open} .checked=${this.chosen.includes(cell(i, n))} />${v.right?.includes(cell(i, n)) ? html`<span class="tag row">${check}<span class="sr">${say('question.right')}</span></span>` : nothing}</label></td>`)}</tr>`)}</tbody></table></div>`;
  }

  // bars are both rounds of one line beside each other, as lengths and in numbers.
  private bars(of: (r: Results) => number, right: boolean): TemplateResult {
    const list = this.vote.results ?? [];
    return html`<span class="votes">${list.map((r) => html`<span class="votes-of ${r.round === 1 && list.length > 1 ? 'before' : ''} ${right ? 'right' : ''}"><i aria-hidden="true" data-vars="--w:${r.votes ? Math.round((of(r) * 100) / r.votes) : 0}"></i><span>${say(list.length < 2 ? 'seat.votes' : r.round === 1 ? 'seat.votesBefore' : 'seat.votesAfter', { n: of(r), of: r.votes })}</span></span>`)}</span>`;
  }

  // outcome is what came of the learner's own vote, and why it is so.
  private outcome() {
    const v = this.vote;
    if (!v.right) return nothing;
    const own = this.own;
    const choice = v.kind === 'choice'; // whose options say it themselves
    const rows = v.phase === 'explain' && !choice && !own?.feedback ? (v.feedback ?? []).filter(Boolean) : []; // to who has not voted
    return html`${own ? html`<p class="outcome"><b>${say(own.correct ? 'seat.voteCorrect' : 'seat.voteWrong')}</b>${own.feedback && !(choice && v.phase === 'explain') ? html` <span .innerHTML=${this.html(own.feedback)}></span>` : nothing}</p>` : nothing}
      ${rows.map((f) => html`<div class="fb prose" .innerHTML=${this.html(f)}></div>`)}`;
  }

  // given is the answer as the server takes it: the one choice, what each row was given, or the cells that are marked.
  private choose(form: HTMLFormElement) {
    if (!this.round) return;
    this.touched = true;
    this.chosen = [...new FormData(form)].map(([, n]) => Number(n));
    draft(this.name, this.chosen);
  }

  private submit(e: SubmitEvent) {
    e.preventDefault();
    if (!this.round || this.busy || this.shut || this.sent) return;
    this.problem = '';
    this.dispatchEvent(new CustomEvent('cast', { detail: { ask: this.vote.ask, round: this.round, answer: this.chosen } }));
  }

  // took: the vote is counted, so nothing of it waits any more.
  took() {
    draft(this.name, undefined);
  }
}
customElements.define('pg-ballot', Ballot);
