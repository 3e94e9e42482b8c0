// projector-vote.ts: a vote on the wall. Until the reveal the server sends no result, so there is none to hide.
import { html, nothing } from 'lit';
import { check } from './parts';
import { phases, type Tally, type Vote } from './room-messages';
import { say } from './strings';
import { markup } from './trusted';
import { isRight, letter, outOf, percent, result, revealed } from './vote-model';

export function voteScreen(v: Vote, learners: number, tally?: Tally) {
  const [first, second] = [result(v, 1), result(v, 2)];
  const shown = revealed(v.phase) && v.results !== null;
  const of = Math.max(1, first?.votes ?? 0, second?.votes ?? 0);
  const voted = shown ? (second ?? first)?.votes ?? 0 : tally?.votes[v.round - 1] ?? 0;
  const bars = (a: number, b: number | undefined) => html`<span class="bars" aria-hidden="true"><i class=${b === undefined ? 'af' : 'b4'} data-vars="--v:${a / of}"></i>${b === undefined ? nothing : html`<i class="af" data-vars="--v:${b / of}"></i>`}</span>
    <span class="ns">${b === undefined ? html`<b>${a}</b>` : html`<span>${a}<span class="sr"> ${say('room.then')}</span></span><b>${b}</b>`}</span>`;
  const option = (text: string, i: number) => {
    const right = shown && isRight(v, i + 1);
    return html`<li class=${right ? 'right' : ''}><span class="ltr">${letter(i)}</span><span class="tx"><span .innerHTML=${markup(text, v.lesson)}></span>${right ? html`<small>${check}${say('room.correct')}</small>` : nothing}${v.phase === 'explain' && right && v.feedback?.[i] ? html`<span class="fb" .innerHTML=${markup(v.feedback[i], v.lesson)}></span>` : nothing}</span>
      ${shown ? bars(first?.options?.[i] ?? 0, second ? second.options?.[i] ?? 0 : undefined) : nothing}</li>`;
  };
  const row = (text: string, i: number) =>
    html`<li><span class="tx"><span .innerHTML=${markup(text, v.lesson)}></span>${shown ? html`<small>${rightOf(v, i)}</small>` : nothing}</span>${shown ? bars(first?.rows?.[i] ?? 0, second ? second.rows?.[i] ?? 0 : undefined) : nothing}</li>`;
  const all = v.kind === 'choice' ? v.options : (v.rows ?? []);
  return html`<h1 class="qu" id="qu"><span .innerHTML=${markup(v.html, v.lesson)}></span></h1>
    ${v.kind === 'choice' || v.kind === 'order' || !v.columns?.length ? nothing : html`<ul class="columns">${v.columns.map((c) => html`<li .innerHTML=${markup(c, v.lesson)}></li>`)}</ul>`}
    ${shown && v.kind !== 'choice' ? html`<p class="leg">${say('room.rightByRow')}</p>` : nothing}
    <ol class="vo ${all.length > 5 ? 'many' : ''} ${shown ? 'open' : ''} ${v.kind === 'choice' ? '' : 'rows'}">${v.kind === 'choice' ? v.options.map(option) : (v.rows ?? []).map(row)}</ol>
    ${v.phase === 'explain' && v.kind !== 'choice' && v.feedback?.some(Boolean) ? html`<div class="fb" .innerHTML=${markup(v.feedback.find(Boolean)!, v.lesson)}></div>` : nothing}
    <footer class="vf"><ol class="ph" aria-label=${say('room.phases')}>${phases.map((p) => html`<li aria-current=${p === v.phase ? 'step' : nothing}>${say(`room.phase.${p}`)}</li>`)}</ol>
      ${shown && second ? html`<span class="key"><i class="b4"></i> ${say('room.beforeTalk')} <i class="af"></i> ${say('room.afterTalk')}</span>` : html`<b class="do-it">${say(`room.doNow.${v.phase}`)}</b>`}
      <span class="end">${shown ? share(v) : nothing} ${say('room.votesOf', { n: voted, of: outOf(voted, learners) })}</span></footer>`;
}

function share(v: Vote) {
  const [a, b] = [percent(result(v, 1)), percent(result(v, 2))];
  return a === undefined ? '' : b === undefined ? say('room.shareOne', { a }) : say('room.shareBoth', { a, b });
}

// rightOf is what belongs to a row, in words.
function rightOf(v: Vote, i: number) {
  const columns = v.columns ?? [];
  const cells = v.kind === 'matrix' ? (v.right ?? []).filter((n) => Math.floor((n - 1) / columns.length) === i).map((n) => (n - 1) % columns.length) : [(v.right?.[i] ?? 0) - 1];
  return cells.map((c, at) => html`${at ? '·' : check}${v.kind === 'order' && !columns.length ? c + 1 : html`<span .innerHTML=${markup(columns[c] ?? String(c + 1), v.lesson)}></span>`}`);
}
