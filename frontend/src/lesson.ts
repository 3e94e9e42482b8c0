// pg-lesson: the lesson page. The server sent all of it, readable; this shows one step at a time, keeps the learner's sandbox, plays
// steps, and brings the browser, the wire and the questions to life.
import { html, nothing, render } from 'lit';
import { Problem, remembered, Sandbox } from './api';
import { narrow, Record } from './record';
import { Stream } from './stream';
import { keysOn, setKeys, single } from './keys';
import { said, say, under } from './strings';
import type { EditedRequest, Event, Line, Outcome, View } from './wire.gen';
import type { Question } from './question';

export class Lesson extends HTMLElement {
  private steps: HTMLElement[] = [];
  private questions: Question[] = [];
  private at = 0;
  private sandbox?: Sandbox;
  private stream?: Stream;
  private record!: Record;
  private view?: View;
  private busy = false;
  private problem = '';
  private expect = new Map<string, Line[]>();
  private outcomes = new Map<string, Outcome>();
  private link = 'connecting';
  private refreshing = 0;
  private panel!: HTMLElement; // below the step: what can be done now
  private frame!: HTMLElement; // Maya's browser
  private heading = document.createElement('h1'); // the page's heading while its first step, which has it, isn't shown

  connectedCallback() {
    document.body.classList.add('ready');
    this.steps = [...this.querySelectorAll<HTMLElement>('.step')];
    const hands = this.querySelector('.hands')!;
    this.frame = document.createElement('div');
    this.panel = document.createElement('div');
    this.panel.className = 'stepper';
    this.frame.id = 'browser';
    hands.append(this.panel, this.frame);
    this.prepend(this.tabs());
    this.heading.className = 'sr';
    this.heading.textContent = this.querySelector('h1')!.textContent;
    this.querySelector('.steps')!.prepend(this.heading);
    const evidence = this.querySelector<HTMLElement>('.evidence')!;
    const golden = this.querySelector('#golden')?.textContent ?? '';
    evidence.replaceChildren();
    this.record = new Record(evidence, {
      policy: (p) => void this.act(async (s) => (this.view = await s.policy(p))),
      advance: (by) => void this.act(async (s) => (this.view = await s.advance(by))),
    });
    this.record.events = golden.trim() ? golden.trim().split('\n').map((l) => JSON.parse(l) as Event) : [];
    this.record.recorded = true;
    this.questions = [...this.querySelectorAll<Question>('pg-quiz, pg-predict')];
    for (const q of this.questions) {
      q.grade = async (question, choice) => (await this.need()).answer(question, choice);
      q.addEventListener('answered', () => this.draw());
    }
    this.frame.addEventListener('openurl', (e) => void this.act(async (s) => void (await s.open('browser', (e as CustomEvent<string>).detail))));
    this.frame.addEventListener('send', (e) => void this.act(async (s) => void (await s.follow('browser', (e as CustomEvent<EditedRequest | undefined>).detail))));
    document.addEventListener('keydown', (e) => this.key(e));
    const wanted = this.steps.findIndex((s) => '#' + s.id === location.hash);
    const known = remembered.get(this.slug);
    if (known) this.attach(known);
    this.show(Math.max(0, wanted), false);
    this.record.draw();
  }

  // tabs lead to the parts of the page where they stand below each other. The address keeps naming the step.
  private tabs() {
    const nav = document.createElement('nav');
    nav.className = 'tabs';
    nav.setAttribute('aria-label', say('lesson.partsOfPage'));
    const lead = (e: MouseEvent) => {
      e.preventDefault();
      document.querySelector((e.currentTarget as HTMLAnchorElement).hash)?.scrollIntoView();
    };
    render(html`${under('tab.').map(([id, text]) => html`<a href="#${id}" @click=${lead}>${text}</a>`)}`, nav);
    return nav;
  }

  private get slug() {
    return this.getAttribute('slug')!;
  }

  private get step() {
    return this.steps[this.at]!;
  }

  // need is the learner's sandbox, made at the first act: reading costs the server nothing.
  private async need(): Promise<Sandbox> {
    if (this.sandbox) return this.sandbox;
    const c = await Sandbox.create({ lesson: this.slug });
    const s = new Sandbox(c.id, c.key);
    remembered.set(this.slug, s);
    this.attach(s);
    await s.begin(this.step.id).catch(() => undefined);
    return s;
  }

  private attach(s: Sandbox) {
    this.sandbox = s;
    this.stream = new Stream(s, {
      event: (e) => {
        this.record.take(e);
        if (e.kind === 'change') this.refreshSoon();
      },
      fresh: () => {
        this.record.clear();
        this.expect.clear();
        this.outcomes.clear();
        this.record.draw();
        this.refreshSoon();
      },
      gap: () => (this.record.note = say('page.gap')),
      state: (state) => {
        this.link = state;
        this.record.note = state === 'lost' ? say('page.lostConnection', { n: this.record.rows().at(-1)?.n ?? 0 }) : '';
        this.record.draw();
        this.draw();
      },
      gone: () => this.lost(),
    });
    this.refreshSoon();
  }

  // lost: the sandbox has ended. The page keeps its step and says what happened.
  private lost() {
    remembered.set(this.slug, undefined);
    this.stream?.close();
    this.sandbox = this.stream = this.view = undefined;
    this.record.clear();
    this.expect.clear();
    this.problem = say('page.newSandbox');
    this.record.draw();
    this.show(0, false);
  }

  private refreshSoon() {
    window.clearTimeout(this.refreshing);
    this.refreshing = window.setTimeout(() => void (this.busy || this.refresh()), 30); // an act ends with a look of its own: the pages on its way are gone by then
  }

  // refresh asks how things stand. During an act it waits: pages come and go, and the act's own end asks again.
  private async refresh(afterAct = false) {
    const sandbox = this.sandbox;
    if (!sandbox || (this.busy && !afterAct)) return;
    try {
      const view = await sandbox.view();
      if (sandbox !== this.sandbox || (this.busy && !afterAct)) return;
      this.view = this.record.view = view;
      for (const q of this.questions) q.restore(view.answers[q.dataset['question']!]);
      this.record.draw();
      this.draw();
    } catch (e) {
      if (e instanceof Problem && (e.status === 404 || e.status === 401)) this.lost();
    }
  }

  // act does something with the sandbox, one thing at a time, and says in words what went wrong.
  private async act(what: (s: Sandbox) => Promise<unknown>) {
    if (this.busy) return;
    this.busy = true;
    this.problem = '';
    this.draw();
    try {
      await what(await this.need());
      await this.refresh(true);
    } catch (e) {
      if (e instanceof Problem && e.status === 404 && this.sandbox) this.lost();
      else this.problem = (e as Error).message;
    } finally {
      this.busy = false;
      this.draw();
    }
  }

  private play() {
    const id = this.step.id;
    const edits: { [index: string]: string } = {};
    for (const t of this.step.querySelectorAll<HTMLTextAreaElement>('pg-request textarea')) edits[t.name] = t.value;
    void this.act(async (s) => {
      const p = await s.play(id, edits);
      this.view = p.state;
      this.expect.set(id, p.expect ?? []);
      if (p.outcome) this.outcomes.set(id, p.outcome);
    });
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
      history.replaceState(null, '', this.at ? '#' + this.step.id : location.pathname);
    }
    // Where the learner stands is told, not waited for: an act that comes meanwhile brings the later view.
    if (this.sandbox && this.at) void this.sandbox.begin(this.step.id).then(() => this.refresh()).catch(() => undefined);
    this.draw();
  }

  private next() {
    if (this.at < this.steps.length - 1) this.show(this.at + 1);
    else location.href = '/';
  }

  private key(e: KeyboardEvent) {
    if (!single(e)) return;
    if (e.key === 'n') this.next();
    if (e.key === '?') document.querySelector<HTMLDialogElement>('dialog.help')?.showModal();
  }

  private draw() {
    const id = this.step.id;
    const passed = this.view?.passed.includes(id) ?? false;
    const gates = [...this.step.querySelectorAll<Question>('pg-predict')];
    const gated = gates.some((q) => !q.answered) && !passed;
    const lines = this.expect.get(id) ?? [];
    const outcome = this.outcomes.get(id);
    const attack = this.step.querySelector('.attack-block') !== null;
    const doing = this.step.hasAttribute('data-do');
    const playable = this.step.hasAttribute('data-playable');
    const last = this.at === this.steps.length - 1;
    const label = passed ? say('lesson.again') : doing ? say('lesson.showMe') : attack ? say('lesson.attack') : say('lesson.play');
    const tryPlay = () => {
      if (!gated && !this.busy) this.play();
    };
    const playing = html`<button id="play" class="btn ${doing || passed ? '' : 'do'} big" aria-disabled=${gated || this.busy ? 'true' : nothing} aria-describedby=${gated ? 'why-locked' : nothing} @click=${tryPlay}>${label}</button>`;
    render(
      html`${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        ${outcome ? html`<div class="outcome" role="status">${outcome.won ? say('lesson.won') : say('lesson.lost')}<ul class="expect">${outcome.goals.map((l) => this.line(l))}</ul></div>` : nothing}
        ${passed ? html`<p class="cap" role="status">${say('lesson.done')}</p>` : nothing}
        ${!passed && lines.length ? html`<div class="cap">${say('lesson.waits')}<ul class="expect">${lines.filter((l) => !l.held).map((l) => this.line(l))}</ul></div>` : nothing}
        ${doing && !passed && !gated ? html`<p class="cap">${say('lesson.yourTurn')}</p>` : nothing}
        ${playable && !passed ? html`<p class="row">${playing} ${gated ? html`<span class="cap" id="why-locked">${say('lesson.gate')}</span>` : nothing}</p>` : nothing}
        <nav class="step-nav" aria-label="Steps">
          ${this.at ? html`<button id="back" class="btn big" @click=${() => this.show(this.at - 1)}>${say('lesson.back')}</button>` : nothing}
          ${playable && passed ? playing : nothing}
          <button id="next" class="btn ${passed || !playable ? 'do' : ''} big" @click=${() => this.next()}>${last ? say('lesson.finish') : this.at ? say('lesson.next') : say('lesson.start')}<kbd>N</kbd></button>
        </nav>`,
      this.panel,
    );
    render(html`<pg-browser .view=${this.view?.browsers['browser']} ?busy=${this.busy}></pg-browser>`, this.frame);
    this.drawStatus();
  }

  private line(l: Line) {
    return html`<li class=${l.held ? 'held' : ''}><span aria-hidden="true">${l.held ? '✓' : '·'}</span><span class="mono">${l.text}</span></li>`;
  }

  private drawStatus() {
    const status = document.getElementById('status')!;
    const rows = this.record.recorded ? 0 : this.record.rows().length;
    render(
      html`${this.goals()}${this.sandbox ? html`<span class="live ${this.link === 'live' ? '' : 'off'}">${this.link === 'live' ? say('page.live', { n: rows }) : say('page.connecting')}</span><button class="btn sm plain" @click=${() => void this.restart()}>${say('page.reset')}</button>` : nothing}
        <button class="btn sm plain" aria-label=${say('page.keys')} @click=${() => document.querySelector<HTMLDialogElement>('dialog.help')!.showModal()}>?</button>
        <dialog class="help"><h2>${say('page.keys')}</h2><dl>${under('key.').map(([k, what]) => html`<dt><kbd>${k}</kbd></dt><dd>${what}</dd>`)}</dl><label class="row"><input type="checkbox" .checked=${keysOn()} @change=${(e: InputEvent) => setKeys((e.target as HTMLInputElement).checked)} /> ${say('page.singleKeys')}</label><form method="dialog"><button class="btn">${say('page.close')}</button></form></dialog>`,
      status,
    );
  }

  // goals is the way through the lesson: its parts, a pip for each step, those that have passed and the one at hand.
  private goals() {
    const parts: { phase: string; steps: number[] }[] = [];
    this.steps.forEach((s, i) => {
      const phase = s.dataset['phase'];
      if (phase === undefined) return;
      if (parts.at(-1)?.phase !== phase) parts.push({ phase, steps: [] });
      parts.at(-1)!.steps.push(i);
    });
    const state = (i: number) => (i === this.at ? 'now' : this.view?.passed.includes(this.steps[i]!.id) ? 'done' : '');
    return html`<ol class="goals" aria-label=${say('lesson.parts')}>${parts.map((p) => html`<li aria-current=${p.steps.includes(this.at) ? 'step' : nothing}>${said(`phase.${p.phase || 'none'}`) ?? p.phase}<span class="pips" aria-hidden="true">${p.steps.map((i) => html`<i class=${state(i)}></i>`)}</span></li>`)}</ol>`;
  }

  private async restart() {
    await this.act(async (s) => {
      this.view = await s.reset();
      this.expect.clear();
      this.outcomes.clear();
      for (const q of this.questions) q.again();
    });
    this.show(1);
  }
}
customElements.define('pg-lesson', Lesson);
