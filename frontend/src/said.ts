// said.ts: what is said to an answer, asked for with the first one: its feedback, and what that points at in the words of the
// learner's own run; a prediction held against what happened; the learner's own values in the place of their tags.
import './more';
import { html, nothing, render } from 'lit';
import { valuesOf, type Item } from './model';
import { check } from './parts';
import { quote, type Quote } from './quote';
import { say } from './strings';
import type { Event, Graded } from './wire.gen';

export type Tried = Graded & { html: string; refs: string[] };

// tried is what was said, made ready to be shown. Its HTML is the server's.
export function tried(g: Graded, html: string): Tried {
  const content = document.createElement('template');
  content.innerHTML = html;
  return { ...g, html, refs: [...content.content.querySelectorAll<HTMLElement>('a[data-ref]')].map((a) => a.dataset['ref']!) };
}

// show puts into place what is said to an answer.
export function show(place: HTMLElement, g: Tried, run: Item[]) {
  place.classList.add('done', 'yours');
  place.classList.toggle('right', g.correct);
  const quotes = new Map<string, [string, Quote]>();
  for (const ref of g.refs) {
    const q = quote(run, ref);
    if (q) quotes.set(q.label, [ref, q]);
  }
  render(
    html`<span class="tag">${g.correct ? html`<span class="row">${check}${say('question.right')}</span>` : say('question.yours')}</span><span class="fb" .innerHTML=${g.html}></span>
      ${[...quotes.values()].map(([ref, q]) => html`<a class="quote" href="#wire" data-ref=${ref}><span class="cap">${q.label}</span>${q.lines.map((l) => html`<code>${l}</code>`)}</a>`)}
      ${g.belief ? html`<span class="mis">${say('question.belief')} “${g.belief}” ${g.url ? html`<a class="ref" href=${g.url} rel="noreferrer">${g.spec}</a>` : nothing}</span>` : nothing}`,
    place,
  );
}

// fold folds a prediction into a line, once what it was about has happened.
export function fold(question: HTMLElement, form: HTMLFormElement, g: Tried) {
  const held = form.contains(document.activeElement);
  const details = document.createElement('details');
  details.className = 'said';
  question.prepend(details);
  render(html`<summary>${g.correct ? check : html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M3.5 6h9m-9 4h9M11 3 5 13" /></svg>`}<span><b>${say('question.predicted')}</b> ${g.words.replace(/\.$/, '')}. ${say(g.correct ? 'question.agrees' : 'question.otherwise')}</span></summary>`, details);
  details.append(form);
  if (held) details.querySelector('summary')!.focus();
}

// own puts the learner's own values where questions name them. Of a long one, all shows when it is looked at.
export function own(places: Iterable<HTMLElement>, events: Event[]) {
  const values = valuesOf(events);
  for (const p of places) {
    const value = values.get(p.dataset['value']!);
    if (value) Object.assign(p, { textContent: value, title: value, tabIndex: 0 });
  }
}
