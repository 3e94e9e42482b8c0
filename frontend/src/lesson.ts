// pg-lesson: the lesson page. The server sent all of it, readable; this shows one step at a time, plays steps, and brings the
// browser, the wire and the questions to life. The run itself is in run.ts.
import { html, nothing, render } from 'lit';
import { Problem, type Sandbox } from './api';
import { graded, keepPlace, kept, places, type Place } from './kept';
import { goals } from './goals';
import { Held } from './held';
import { single } from './keys';
import { arrowLeft, check } from './parts';
import type { Question } from './question';
import type { Request } from './request';
import { narrow, Record } from './record';
import { Run, type Link } from './run';
import { actor as nameOf, say } from './strings';
import type { EditedRequest, Event, Graded, Line, Outcome, View } from './wire.gen';

export class Lesson extends HTMLElement {
  protected steps: HTMLElement[] = [];
  private questions: Question[] = [];
  private at = 0;
  protected run!: Run;
  private record!: Record;
  protected problem = '';
  private away = false; // the problem is that the server could not be reached
  private shownLink = ''; // the exchange that the address named and that was shown
  protected note = ''; // what happened to the sandbox
  private expect = new Map<string, Line[]>();
  private outcomes = new Map<string, Outcome>();
  private link: Link = 'none';
  private held = new Held(); // what waits for a prediction
  private panel!: HTMLElement; // below the step: what can be done now
  private frame!: HTMLElement; // for a browser
  private hand = 'browser'; // whose browser it is
  protected heading = document.createElement('h1'); // the page's heading while its first step, which has it, isn't shown

  connectedCallback() {
    this.steps = [...this.querySelectorAll<HTMLElement>('.step')];
    const hands = this.querySelector('.hands')!;
    this.frame = document.createElement('div');
    this.panel = document.createElement('div');
    this.panel.className = 'stepper';
    this.frame.id = 'browser';
    hands.append(this.panel, this.frame);
    this.tabs();
    this.heading.className = 'sr';
    this.heading.textContent = this.querySelector('h1')!.textContent;
    this.querySelector('.steps')!.prepend(this.heading);
    const evidence = this.querySelector<HTMLElement>('.evidence')!;
    const golden = this.querySelector('#golden')?.textContent ?? '';
    evidence.replaceChildren();
    for (const part of [evidence, this.querySelector('.specs')]) part?.replaceWith(part); // now they stand elsewhere: they come anew, rather than fly across the page
    this.record = new Record(evidence, {
      policy: (p) => void this.act(async (s) => this.run.took(await s.policy(p))),
      advance: (by) => void this.act(async (s) => this.run.took(await s.advance(by))),
    });
    this.record.events = golden.trim() ? golden.trim().split('\n').map((l) => JSON.parse(l) as Event) : [];
    this.record.recorded = true;
    this.record.drew = () => this.catchUp();
    this.record.phases = Object.fromEntries(this.steps.map((s) => [s.id, s.dataset['phase'] ?? '']));
    this.questions = [...this.querySelectorAll<Question>('pg-quiz, pg-predict')];
    if (this.querySelector('pg-request')) void import('./request'); // asked for before what stands behind a prediction is out of the page
    for (const s of this.steps) this.held.hold(s);
    for (const q of this.questions) {
      q.grade = async (question, answer) => (await this.run.need()).answer(question, answer);
      q.addEventListener('answered', (e) => this.answered(q, (e as CustomEvent<Graded>).detail));
    }
    this.frame.addEventListener('openurl', (e) => void this.act(async (s) => void (await s.open(this.hand, (e as CustomEvent<string>).detail))));
    this.frame.addEventListener('send', (e) => void this.act(async (s) => void (await s.follow(this.hand, (e as CustomEvent<EditedRequest | undefined>).detail))));
    this.frame.addEventListener('hand', (e) => {
      this.hand = (e as CustomEvent<string>).detail;
      this.draw();
    });
    this.addEventListener('sendstep', (e) => this.play(Number((e.target as Request).dataset['index'])));
    document.addEventListener('keydown', (e) => this.key(e));
    window.addEventListener('hashchange', () => this.toHash());
    this.at = Math.max(0, this.wanted());
    this.run = new Run(this.slug, () => this.kept(), {
      event: (e) => this.record.take(e),
      fresh: () => {
        if (!this.run.busy && this.run.view?.passed.length) this.note = say('page.wasReset'); // not by this page
        this.forget();
      },
      gap: () => (this.record.note = say('page.gap')),
      link: (l) => this.linked(l),
      view: (v) => this.saw(v),
      replaced: (n) => this.replaced(n),
    });
    this.run.resume();
    this.show(this.at, false);
    this.record.draw();
  }

  private get slug() {
    return this.getAttribute('slug')!;
  }

  protected get step() {
    return this.steps[this.at]!;
  }

  // intro tells whether what is shown is what the lesson says before its first step.
  private get intro() {
    return this.step.id === 'intro';
  }

  private get place(): Place | undefined {
    return places()[this.slug];
  }

  // wanted is the step that the address names, or else the one where the learner left off; -1 if neither is known.
  private wanted() {
    const place = this.place;
    const named = location.hash.slice(1);
    const id = named && !/^(r\d+)?x\d+$/.test(named) ? named : (place && place.at < place.of ? place.step : this.dataset['start']);
    return this.steps.findIndex((s) => s.id === id);
  }

  // toHash follows an address that was changed by hand or by a link within the page.
  private toHash() {
    this.toExchange();
    const i = this.steps.findIndex((s) => '#' + s.id === location.hash);
    if (i >= 0 && i !== this.at) this.show(i);
  }

  // tabs lead to the parts of the page where they stand below each other. The address keeps naming the step.
  private tabs() {
    for (const a of this.querySelectorAll<HTMLAnchorElement>('.tabs a')) {
      a.addEventListener('click', (e) => {
        e.preventDefault();
        document.querySelector(a.hash)?.scrollIntoView();
      });
    }
  }

  // kept is what would be played again if the sandbox were lost.
  private kept() {
    const passed = new Set(this.run?.view?.passed ?? this.place?.passed ?? []);
    return { steps: this.steps.map((s) => s.id).filter((id) => passed.has(id)), answers: this.run?.view?.answers ?? this.place?.answers ?? {}, now: this.step.id };
  }

  private keepPlace(done = false) {
    if (this.intro && !this.run.view) return; // who only looks in has no place yet
    const last = this.steps.length - 1;
    keepPlace(this.slug, {
      number: Number(this.dataset['number']),
      title: this.heading.textContent ?? '',
      step: this.step.id,
      stepTitle: this.step.querySelector('h1, h2')?.textContent ?? '',
      at: done || (this.place?.at ?? 0) >= last ? last : Math.max(this.place?.at ?? 0, this.at - 1),
      of: last,
      passed: this.run.view?.passed ?? this.place?.passed ?? [],
      answers: this.run.view?.answers ?? this.place?.answers ?? {},
      when: new Date().toISOString(),
    });
  }

  private forget() {
    this.record.clear();
    this.expect.clear();
    this.outcomes.clear();
    for (const o of this.querySelectorAll<HTMLElement>('[data-value][title]')) {
      o.textContent = o.dataset['value']!;
      o.removeAttribute('title');
      o.removeAttribute('tabindex');
    }
    this.record.draw();
  }

  private linked(l: Link) {
    this.link = l;
    if (l === 'live' && this.away) this.problem = '';
    // To try again is not to be back: until it is live, a connection that was lost stays lost.
    if (l === 'connecting') this.record.state = this.record.state === 'lost' ? 'lost' : this.record.recorded ? 'loading' : 'live';
    else this.record.state = l === 'none' ? 'live' : l;
    this.record.sandbox = this.run.sandbox;
    this.record.retry = () => this.run.retry();
    this.record.draw();
    this.draw();
  }

  // toExchange shows the exchange that the address names, as a copied link does, once it is there.
  private toExchange() {
    const id = location.hash.slice(1);
    if (this.shownLink !== id && /^(r\d+)?x\d+$/.test(id) && this.record.rows().some((r) => r.id === id)) {
      this.shownLink = id;
      void this.record.select(id, narrow());
    }
  }

  private saw(v: View) {
    this.record.view = v;
    void this.restore(v);
    this.keepPlace();
    this.record.draw();
    this.draw();
    this.toExchange();
  }

  // restore brings back what was answered before the page was loaded, with what was said to it.
  private async restore(v: View) {
    const id = (q: Question) => q.dataset['question']!;
    const missing = this.questions.filter((q) => !q.answered && v.answers[id(q)] !== undefined);
    if (!missing.length) return;
    const given = await this.run.sandbox?.answers().catch(() => undefined);
    for (const q of missing) q.restore(v.answers[id(q)], given?.[id(q)]);
    this.draw();
  }

  // replaced says what became of a sandbox that has ended: the page keeps its step.
  private replaced(played: number) {
    this.problem = '';
    this.note = played ? say('page.replayed', { n: played }) : say('page.newSandbox');
    this.record.view = this.run.view;
    this.record.draw();
    this.show(this.at, false);
  }

  // answered keeps a question for later, with what the learner found to be right.
  private answered(q: Question, g: Graded) {
    if (q.localName === 'pg-quiz') {
      const id = q.dataset['question']!.replace(/-twin$/, ''); // a twin is another side of the same card
      graded(`${this.slug}/${id}`, {
        slug: this.slug, lesson: this.heading.textContent ?? '', number: Number(this.dataset['number']), question: q.querySelector('.q')?.textContent?.trim() ?? '',
        answer: g.correct ? g.words : '', belief: g.correct ? undefined : g.belief, ...(this.querySelector(`#q-${id}-twin`) ? { twin: `${id}-twin` } : {}),
      }, g.correct);
    }
    if (this.run.view) this.run.view.answers[q.dataset['question']!] ??= q.given();
    this.keepPlace();
    this.draw();
  }

  // act does something with the sandbox, and says in words what went wrong.
  protected async act(what: (s: Sandbox) => Promise<unknown>) {
    if (this.run.busy) return;
    this.problem = this.note = '';
    const doing = this.run.act(what);
    this.draw();
    try {
      await doing;
    } catch (e) {
      this.problem = (e as Error).message;
      this.away = e instanceof Problem && e.status === 0;
      if (e instanceof Problem && e.status === 507) this.full();
    }
    this.draw();
  }

  // full: the record takes no more. What is in it stays readable.
  private full() {
    this.record.state = 'full';
    this.record.retry = () => void this.restart();
    this.record.draw();
  }

  // play runs the step's solution, or sends one of its requests alone.
  private play(request?: number) {
    const id = this.step.id;
    const edits: { [index: string]: string } = {};
    for (const r of this.step.querySelectorAll<Request>('pg-request[data-edit]')) edits[r.dataset['index'] ?? '0'] = r.source;
    void this.act(async (s) => {
      const p = await s.play(id, edits, request);
      this.expect.set(id, p.expect ?? []);
      if (p.outcome) this.outcomes.set(id, p.outcome);
      this.run.took(p.state);
    });
  }

  // stepBefore is the last step before this one in which something is done.
  private get stepBefore() {
    return this.steps.slice(0, this.at).filter((s) => s.hasAttribute('data-playable')).at(-1)?.id;
  }

  // playTo plays what comes before this step, for who was taken further than their sandbox has come.
  private playTo(step: string) {
    const now = this.step.id;
    void this.act(async (s) => {
      await s.replay(step);
      await s.begin(now);
    });
  }

  protected show(i: number, focus = true) {
    this.at = Math.max(0, Math.min(this.steps.length - 1, i));
    this.hand = this.step.dataset['hand'] ?? 'browser';
    this.heading.hidden = this.intro;
    this.steps.forEach((s, n) => s.classList.toggle('now', n === this.at));
    if (focus) {
      const h = this.step.querySelector<HTMLElement>('h1, h2');
      h?.setAttribute('tabindex', '-1');
      h?.focus({ preventScroll: true });
      this.querySelector('.steps')!.scrollTop = 0;
      if (narrow()) this.step.scrollIntoView();
      history.replaceState(null, '', location.pathname + (this.intro ? '' : '#' + this.step.id));
      this.keepPlace();
    }
    // Where the learner stands is told, not waited for: an act that comes meanwhile brings the later view.
    // In a room a step begins the sandbox: its instructor sees where everybody is.
    if (!this.intro && (this.run.sandbox || kept('seat'))) void this.run.need().then((s) => s.begin(this.step.id)).then(() => this.run.refresh()).catch(() => undefined);
    this.draw();
  }

  private next() {
    if (this.at < this.steps.length - 1) return this.show(this.at + 1);
    this.keepPlace(true);
    this.finish();
  }

  // finish is what comes after the last step.
  protected finish() {
    location.href = '/';
  }

  protected finishing = () => say('lesson.finish');

  private key(e: KeyboardEvent) {
    if (!single(e)) return;
    if (e.key === 'n') this.next();
    if (e.key === 'r') this.querySelector<HTMLElement>('#play')?.click();
  }

  protected draw() {
    const id = this.step.id;
    const passed = this.run.view?.passed.includes(id) ?? false;
    this.step.toggleAttribute('data-passed', passed);
    const gates = [...this.step.querySelectorAll<Question>('pg-predict')];
    const gated = gates.some((q) => !q.answered) && !passed;
    if (!gated) this.held.release(this.step);
    Object.assign(this.step.querySelector('pg-graph') ?? {}, { view: this.run.view });
    const lines = this.expect.get(id) ?? [];
    const outcome = this.outcomes.get(id);
    const attack = this.step.hasAttribute('data-attack');
    const doing = this.step.hasAttribute('data-do');
    const playable = this.step.hasAttribute('data-playable');
    const last = this.at === this.steps.length - 1;
    const busy = this.run.busy;
    const before = playable && !passed && this.run.view ? this.stepBefore : undefined;
    const missing = before && !this.run.view!.passed.includes(before);
    const label = passed ? say('lesson.again') : doing ? say('lesson.showMe') : attack ? say('lesson.attack') : say('lesson.play');
    const tryPlay = () => {
      if (!gated && !busy) this.play();
    };
    const playing = html`<button id="play" class="btn ${passed ? 'sm end' : doing ? 'big' : 'do big'}" aria-disabled=${gated || busy ? 'true' : nothing} aria-describedby=${gated ? 'why-locked' : nothing} @click=${tryPlay}>${label}</button>`;
    const following = this.steps[this.at + 1]?.querySelector('h2')?.textContent ?? '';
    const held = document.activeElement?.id === 'play';
    render(
      html`${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        ${this.note ? html`<p class="said pad" role="status">${this.note}</p>` : nothing}
        ${outcome ? html`<div class="outcome" role="status">${say(outcome.won ? 'lesson.won' : 'lesson.lost')}<ul class="expect">${outcome.goals.map((l) => this.line(l))}</ul></div>` : nothing}
        ${passed ? html`<p class="cap row"><span class="row" role="status">${check}${say('lesson.done')}</span>${playable ? playing : nothing}</p>` : nothing}
        ${!passed && lines.length ? html`<div class="cap">${say('lesson.waits')}<ul class="expect">${lines.filter((l) => !l.held).map((l) => this.line(l))}</ul></div>` : nothing}
        ${missing ? html`<p class="cap">${say('lesson.before')}</p>` : doing && !passed && !gated ? html`<p class="cap">${say('lesson.yourTurn', { who: nameOf(this.step.dataset['hand'] ?? 'browser') })}</p>` : nothing}
        ${playable && !passed ? html`<p class="row wrap">${missing ? html`<button class="btn big" @click=${() => this.playTo(before)}>${say('lesson.playBefore')}</button>` : nothing}${playing} ${gated ? html`<span class="cap" id="why-locked">${say('lesson.gate')}</span>` : nothing}</p>` : nothing}
        <nav class="step-nav" aria-label=${say('lesson.steps')}>
          ${this.at ? html`<button id="step-back" class="btn big" aria-label=${say('lesson.back')} @click=${() => this.show(this.at - 1)}>${arrowLeft}<span>${say('lesson.back')}</span></button>` : nothing}
          <button id="next" class="btn ${passed || !playable ? 'do' : ''} big" @click=${() => this.next()}><span>${last ? this.finishing() : this.intro ? say('lesson.start') : say('lesson.next', { title: following })}</span><kbd>N</kbd></button>
        </nav>`,
      this.panel,
    );
    if (held && document.activeElement?.id !== 'play') this.panel.querySelector<HTMLElement>('#play, #next')!.focus({ preventScroll: true }); // once it is done, its button stands elsewhere
    this.record.begin = playable && !gated && !passed ? { label, run: tryPlay } : undefined;
    const browsers = this.run.view?.browsers ?? {};
    const others = Object.keys(browsers).filter((id) => id !== this.hand && (id === 'browser' || id === this.step.dataset['hand'] || browsers[id]!.frame || browsers[id]!.pending));
    const view = browsers[this.hand];
    // Two templates: each browser has an element of its own, which knows nothing of the other's page.
    render(this.hand === 'browser' ? html`<pg-browser .others=${others} .view=${view} ?busy=${busy}></pg-browser>` : html`<pg-browser who=${this.hand} .others=${others} .view=${view} ?busy=${busy}></pg-browser>`, this.frame);
    this.catchUp();
  }

  // catchUp brings the record to what stands in the text and is told of it: an answer may come after its act has ended.
  private catchUp() {
    const run = this.record.recorded ? [] : this.record.all;
    const own = this.step.querySelectorAll<HTMLElement>('[data-value]:not([title])'); // where the learner's own values belong
    if (own.length && run.length) void import('./said').then((m) => m.own(own, this.record.events)).catch(() => undefined);
    for (const q of this.questions) {
      q.run = run;
      q.happened = this.run.view?.passed.includes(q.closest('.step')?.id ?? '') ?? false;
    }
    if (customElements.get('pg-request')) {
      for (const r of this.querySelectorAll<Request>('pg-request')) {
        r.busy = this.run.busy;
        r.see(run);
      }
    }
    this.drawStatus();
  }

  private line(l: Line) {
    return html`<li class=${l.held ? 'held' : ''}><span aria-hidden="true">${l.held ? '✓' : '·'}</span><span>${l.words}</span></li>`;
  }

  private drawStatus() {
    const status = document.getElementById('status')!;
    const rows = this.record.recorded ? 0 : this.record.rows().length;
    const live = this.run.sandbox !== undefined;
    render(
      html`${goals(this.steps, this.at, this.run.view?.passed ?? [])}${live ? html`<span class="live ${this.link === 'live' ? '' : 'off'}">${this.link === 'live' ? say('page.live', { n: rows }) : say('page.connecting')}</span><button class="btn sm plain" @click=${() => void this.restart()}>${say('page.reset')}</button>` : nothing}`,
      status,
    );
  }

  protected async restart() {
    await this.act(async (s) => {
      this.expect.clear();
      this.outcomes.clear();
      for (const q of this.questions) q.again();
      for (const step of this.steps) this.held.hold(step);
      keepPlace(this.slug, undefined);
      this.run.took(await s.reset());
    });
    this.show(this.steps[0]!.id === 'intro' ? 1 : 0);
  }
}
