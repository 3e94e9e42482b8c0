// static-lesson.ts: a lesson in a copy without a server. Nothing is sent: a step plays what was recorded of it, and questions are
// graded in the page. The rest is as in the lesson: a step at a time, and what tells the outcome waits for the prediction.
import { html, nothing, render } from 'lit';
import { goals } from './goals';
import { Held } from './held';
import { graded, keepPlace, places } from './kept';
import { single } from './keys';
import { arrowLeft, check } from './parts';
import type { Question } from './question';
import { narrow, Record } from './record';
import { path } from './site';
import { grade, keysIn, type Key } from './static-grade';
import { say } from './strings';
import type { Event, Graded } from './wire.gen';

// lines are the events of a recorded run that stands in the page.
export const lines = (from: Element): Event[] => (from.querySelector('#golden')?.textContent ?? '').split('\n').filter((l) => l.trim()).map((l) => JSON.parse(l) as Event);

// keys are what the page knows of its questions, by their ids.
export function keys(): { [question: string]: Key } {
  const text = document.querySelector('#answers')?.textContent;
  return text ? keysIn(text) : {};
}

// watching is a record to look at: nothing can be done to it.
export function watching(host: HTMLElement): Record {
  const record = new Record(host, { policy: () => undefined, advance: () => undefined });
  record.readOnly = true;
  return record;
}

export class StaticLesson extends HTMLElement {
  private steps: HTMLElement[] = [];
  private questions: Question[] = [];
  private events: Event[] = []; // all that was recorded
  private record!: Record;
  private at = 0;
  private passed: string[] = [];
  private held = new Held(); // what waits for a prediction
  private panel = document.createElement('div');
  private heading = document.createElement('h1'); // the page's heading while its first step, which has it, isn't shown

  connectedCallback() {
    this.steps = [...this.querySelectorAll<HTMLElement>('.step')];
    this.events = lines(this);
    this.heading.className = 'sr';
    this.heading.textContent = this.querySelector('h1')!.textContent;
    this.querySelector('.steps')!.prepend(this.heading);
    this.panel.className = 'stepper';
    this.querySelector('.hands')!.append(this.panel);
    const evidence = this.querySelector<HTMLElement>('.evidence')!;
    evidence.replaceChildren();
    this.record = watching(evidence);
    this.record.label = say('static.recorded');
    this.record.phases = Object.fromEntries(this.steps.map((s) => [s.id, s.dataset['phase'] ?? '']));
    this.record.events = this.events;
    const answers = keys();
    this.questions = [...this.querySelectorAll<Question>('pg-quiz, pg-predict')];
    for (const q of this.questions) {
      q.grade = (id, answer) => new Promise((said) => said(grade(answers[id]!, answer)));
      q.addEventListener('answered', (e) => this.answered(q, (e as CustomEvent<Graded>).detail));
    }
    for (const s of this.steps) this.held.hold(s);
    for (const a of this.querySelectorAll<HTMLAnchorElement>('.tabs a')) {
      a.addEventListener('click', (e) => {
        e.preventDefault();
        document.querySelector(a.hash)?.scrollIntoView();
      });
    }
    document.addEventListener('keydown', (e) => {
      if (!single(e)) return;
      if (e.key === 'n') this.next();
      if (e.key === 'r') this.querySelector<HTMLElement>('#play')?.click();
    });
    window.addEventListener('hashchange', () => this.toHash());
    this.passed = places()[this.slug]?.passed ?? [];
    const place = places()[this.slug];
    const named = location.hash.slice(1) || (place && place.at < place.of ? place.step : '');
    this.show(Math.max(0, this.steps.findIndex((s) => s.id === named)), false);
    this.record.draw();
    this.toHash();
  }

  private get slug() {
    return this.getAttribute('slug')!;
  }

  private get step() {
    return this.steps[this.at]!;
  }

  private toHash() {
    const id = location.hash.slice(1);
    if (/^(r\d+)?x\d+$/.test(id)) {
      if (this.record.rows().some((r) => r.id === id)) void this.record.select(id, narrow());
      return;
    }
    const i = this.steps.findIndex((s) => s.id === id);
    if (i >= 0 && i !== this.at) this.show(i);
  }

  private answered(q: Question, g: Graded) {
    if (q.localName === 'pg-quiz') {
      const id = q.dataset['question']!.replace(/-twin$/, '');
      graded(`${this.slug}/${id}`, { slug: this.slug, lesson: this.heading.textContent ?? '', number: Number(this.dataset['number']), question: q.querySelector('.q')?.textContent?.trim() ?? '', answer: g.correct ? g.words : '', belief: g.correct ? undefined : g.belief }, g.correct);
    }
    this.keepPlace();
    this.draw();
  }

  private keepPlace(done = false) {
    if (!this.at) return; // who only looks in has no place yet
    const last = this.steps.length - 1;
    keepPlace(this.slug, {
      number: Number(this.dataset['number']), title: this.heading.textContent ?? '', step: this.step.id, stepTitle: this.step.querySelector('h1, h2')?.textContent ?? '',
      at: done ? last : Math.max(places()[this.slug]?.at ?? 0, this.at - 1), of: last, passed: this.passed, answers: {}, when: new Date().toISOString(),
    });
  }

  // end is the place behind what was recorded up to a step, or 0 if nothing was.
  private end(step: string) {
    return this.events.findIndex((e) => e.change?.what === 'step' && e.change.step === step) + 1;
  }

  // play draws anew what was recorded of a step, behind all that came before it.
  private play() {
    const end = this.end(this.step.id);
    const before = this.events.slice(0, end).findLastIndex((e, i) => i < end - 1 && e.change?.what === 'step') + 1;
    this.record.clear();
    this.record.events = this.events.slice(0, before);
    this.record.draw();
    for (const e of this.events.slice(before, end)) this.record.take(e);
    if (!this.passed.includes(this.step.id)) this.passed = [...this.passed, this.step.id];
    this.keepPlace();
    this.draw();
  }

  private show(i: number, focus = true) {
    this.at = Math.max(0, Math.min(this.steps.length - 1, i));
    this.heading.hidden = this.at === 0;
    this.steps.forEach((s, n) => s.classList.toggle('now', n === this.at));
    if (focus) {
      const h = this.step.querySelector<HTMLElement>('h1, h2');
      h?.setAttribute('tabindex', '-1');
      h?.focus({ preventScroll: true });
      this.querySelector('.steps')!.scrollTop = 0;
      if (narrow()) this.step.scrollIntoView();
      history.replaceState(null, '', location.pathname + (this.at ? '#' + this.step.id : ''));
      this.keepPlace();
    }
    this.draw();
  }

  private next() {
    if (this.at < this.steps.length - 1) return this.show(this.at + 1);
    this.keepPlace(true);
    location.href = path('/');
  }

  private draw() {
    const { step } = this;
    const passed = this.passed.includes(step.id);
    step.toggleAttribute('data-passed', passed);
    const gated = [...step.querySelectorAll<Question>('pg-predict')].some((q) => !q.answered) && !passed;
    if (!gated) this.held.release(step);
    const playable = this.end(step.id) > 0;
    const last = this.at === this.steps.length - 1;
    const following = this.steps[this.at + 1]?.querySelector('h2')?.textContent ?? '';
    const held = document.activeElement?.id === 'play';
    const tryPlay = () => {
      if (!gated) this.play();
    };
    const playing = html`<button id="play" class="btn ${passed ? 'sm end' : 'do big'}" aria-disabled=${gated ? 'true' : nothing} aria-describedby=${gated ? 'why-locked' : nothing} @click=${tryPlay}>${say(passed ? 'lesson.again' : 'static.play')}</button>`;
    render(
      html`${passed && playable ? html`<p class="cap row"><span class="row" role="status">${check}${say('static.played')}</span>${playing}</p>` : nothing}
        ${playable && !passed ? html`<p class="row">${playing} ${gated ? html`<span class="cap" id="why-locked">${say('lesson.gate')}</span>` : nothing}</p>` : nothing}
        <nav class="step-nav" aria-label=${say('lesson.steps')}>
          ${this.at ? html`<button id="step-back" class="btn big" aria-label=${say('lesson.back')} @click=${() => this.show(this.at - 1)}>${arrowLeft}<span>${say('lesson.back')}</span></button>` : nothing}
          <button id="next" class="btn ${passed || !playable ? 'do' : ''} big" @click=${() => this.next()}><span>${last ? say('lesson.finish') : this.at ? say('lesson.next', { title: following }) : say('lesson.start')}</span><kbd>N</kbd></button>
        </nav>`,
      this.panel,
    );
    if (held && document.activeElement?.id !== 'play') this.panel.querySelector<HTMLElement>('#play, #next')!.focus({ preventScroll: true });
    for (const q of this.questions) {
      q.run = this.record.all;
      q.happened = this.passed.includes(q.closest('.step')?.id ?? '');
    }
    render(goals(this.steps, this.at, this.passed), document.getElementById('status')!);
  }
}
