// pg-home: the catalogue knows where its learner left off. pg-demo draws a recorded run. pg-review brings questions back.
import { html, render, repeat } from 'lit';
import { cards, due, gaps, graded, places, waiting, type Card } from './kept';
import { items } from './model';
import { Light } from './parts';
import { path } from './site';
import { say } from './strings';
import type { Event, Graded } from './wire.gen';

const done = html`<svg class="i" viewBox="0 0 16 16" role="img" aria-label=${say('home.done')}><path d="m3 8.5 3.2 3.2L13 4.8" /></svg>`;
const now = html`<svg viewBox="0 0 16 16" role="img" aria-label=${say('home.inProgress')}><circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="2" /><path d="M8 3.5a4.5 4.5 0 0 1 0 9z" fill="currentColor" /></svg>`;
const open = html`<svg viewBox="0 0 16 16" role="img" aria-label=${say('home.notStarted')}><circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="1.5" /></svg>`;

class Home extends HTMLElement {
  connectedCallback() {
    const known = places();
    const latest = Object.entries(known).filter(([, p]) => p.at < p.of).sort((a, b) => b[1].when.localeCompare(a[1].when))[0];
    for (const row of this.querySelectorAll<HTMLElement>('.les')) {
      const p = known[row.dataset['slug']!];
      const state = !p ? 'open' : p.at >= p.of ? 'done' : 'now';
      row.classList.toggle('now', state === 'now' && latest?.[0] === row.dataset['slug']);
      const mark = row.querySelector<HTMLElement>('.mk')!;
      if (state !== 'open') mark.classList.add(state);
      render(state === 'done' ? done : state === 'now' ? now : open, mark);
      if (state === 'now') row.querySelector('.min')!.textContent = say('home.stepOf', { at: p!.at + 1, of: p!.of });
    }
    if (latest) this.goOn(...latest);
    this.beliefs();
  }

  private goOn(slug: string, p: { number: number; step: string; stepTitle: string; when: string }) {
    const go = this.querySelector<HTMLAnchorElement>('#go');
    if (!go) return;
    go.href = path(`/lessons/${slug}#${p.step}`);
    go.querySelector('span')!.textContent = say('home.goOn', { number: p.number, step: p.stepTitle });
    this.querySelector('#left-off')!.textContent = say('home.leftOff', { day: new Date(p.when).toLocaleDateString(undefined, { day: 'numeric', month: 'long' }) });
  }

  private beliefs() {
    const list = Object.values(cards()).filter((c) => c.belief);
    const section = this.querySelector<HTMLElement>('#again')!;
    section.hidden = list.length === 0;
    render(list.map((c) => html`<li><b>“${c.belief}”</b><br /><a class="muted" href=${path(`/lessons/${c.slug}`)}>${say('home.chosenIn', { n: c.number })}</a></li>`), section.querySelector('ul')!);
  }
}
customElements.define('pg-home', Home);

// Demo turns the list that the server sent into the diagram.
class Demo extends HTMLElement {
  connectedCallback() {
    const lines = this.querySelector('script')!.textContent!.trim().split('\n');
    const list = items(lines.map((l) => JSON.parse(l) as Event)).filter((i) => i.kind === 'row');
    const wire = document.createElement('pg-wire');
    Object.assign(wire, { items: list, list, selected: list.at(-1)?.id ?? '', followed: this.dataset['tag'] ?? '' });
    this.replaceChildren(wire);
  }
}
customElements.define('pg-demo', Demo);

// Review asks what is due, one question at a time.
class Review extends Light {
  static properties = { shown: { state: true }, skipped: { state: true } };
  declare shown: boolean;
  declare skipped: Set<string>;
  private answered = ''; // the card whose twin has been answered: it stays until the learner goes on

  constructor() {
    super();
    this.shown = false;
    this.skipped = new Set();
  }

  render() {
    const all = cards();
    const open = due(all).filter(([key]) => !this.skipped.has(key));
    const answered = all[this.answered];
    const today: [string, Card][] = answered ? [[this.answered, answered], ...open.filter(([key]) => key !== this.answered)] : open;
    const counts = waiting(all);
    this.hidden = counts.every((n) => n === 0);
    const labels = gaps.map((g) => (g ? say('review.days', { n: g }) : say('review.today')));
    return html`<header class="row spread"><h2 class="h-sm">${say('review.title')}</h2><span class="cap">${say('review.due', { n: today.length })}</span></header>
      ${today[0] ? this.card(...today[0]) : html`<p class="soft">${say('review.none')}</p>`}
      <ol class="gaps" aria-label=${say('review.waiting')}>${counts.map((n, i) => html`<li data-vars="--h:${Math.min(n, 12)}"><i></i><b>${n}</b><span>${labels[i]}</span></li>`)}</ol>`;
  }

  private card(key: string, c: Card) {
    // What was wrong comes back in another situation; what was right is told to oneself.
    if (c.twin && (c.box === 0 || key === this.answered)) return this.twin(key, c);
    return html`<p class="q">${c.question}</p>
      <p class="cap"><a href=${path(`/lessons/${c.slug}`)}>${say('review.from', { n: c.number, title: c.lesson })}</a></p>
      ${this.shown
        ? html`<p class="prose" role="status">${c.answer}</p><div class="row"><button class="btn" @click=${() => this.grade(key, c, false)}>${say('review.again')}</button><button class="btn do" @click=${() => this.grade(key, c, true)}>${say('review.good')}</button></div>`
        : html`<div class="row"><button class="btn grow" @click=${() => (this.shown = true)}>${say('review.show')}</button><button class="btn plain" @click=${() => this.skip(key)}>${say('review.skip')}</button></div>`}`;
  }

  private twin(key: string, c: Card) {
    void import('./twin');
    const took = (e: CustomEvent<Graded & { asked: string }>) => this.took(key, c, e.detail);
    return html`<p class="cap"><a href=${path(`/lessons/${c.slug}`)}>${say('review.from', { n: c.number, title: c.lesson })}</a>. ${say('review.twin')}</p>
      ${repeat([key], (k) => k, () => html`<pg-twin .slug=${c.slug} .question=${c.twin} @graded=${took}></pg-twin>`)}
      <div class="row"><button class="btn ${this.answered ? 'do grow' : 'plain'}" @click=${() => this.skip(key)}>${say(this.answered ? 'review.next' : 'review.skip')}</button></div>`;
  }

  private took(key: string, c: Card, g: Graded & { asked: string }) {
    const { box: _, due: __, ...card } = c;
    this.answered = key;
    graded(key, { ...card, question: g.asked, answer: g.correct ? g.words : '', belief: g.correct ? undefined : g.belief }, g.correct);
    this.requestUpdate();
  }

  private skip(key: string) {
    this.answered = '';
    this.skipped = new Set([...this.skipped, key]);
    this.shown = false;
  }

  private grade(key: string, c: Card, known: boolean) {
    const { box: _, due: __, ...card } = c;
    graded(key, card, known);
    this.skip(key);
  }
}
customElements.define('pg-review', Review);
