// pg-quiz and pg-predict: questions. The server sent a form that works without script; here its answer is graded in place, and what
// the feedback points at is quoted from the learner's own run. A prediction opens the step's act once it is locked.
// Properties in: grade, run (its items), happened (the step has passed, so that a prediction can be held against the wire). Events out: answered.
import { html, nothing, render } from 'lit';
import { keep, kept } from './kept';
import type { Item } from './model';
import type { Tried } from './said';
import { say } from './strings';
import { trusted } from './trusted';
import type { Graded } from './wire.gen';

// shut is why no answer is taken now, as while a room's instructor has locked them: what is chosen stays, and can be sent later.
const shut = () => document.body.dataset['shut'];

export type Grade = (question: string, answer: number[]) => Promise<Graded>;

export class Question extends HTMLElement {
  grade?: Grade;
  answered = false;
  private tried = new Map<string, Tried>(); // by answer: what was said to a choice stays, as in a conversation
  private items: Item[] = [];
  private more?: typeof import('./said'); // once there is something to say
  private passed = false;
  private busy = false;
  private problem = '';
  private form!: HTMLFormElement;
  private button!: HTMLElement;
  private label: ChildNode[] = []; // of the button, as the server sent it
  private says!: HTMLElement; // tells the feedback once, and only of an answer that is given now
  private extra!: HTMLElement; // above the button

  // run is the learner's own, for what feedback points at. It is set again whenever it has changed.
  set run(items: Item[]) {
    this.items = items;
    if (this.tried.size) this.draw();
  }

  set happened(passed: boolean) {
    if (passed === this.passed) return;
    this.passed = passed;
    if (this.answered) this.draw();
  }

  connectedCallback() {
    if (this.form) return this.draw(); // only brought back into the page
    this.form = this.querySelector('form')!;
    this.button = this.form.querySelector('button')!;
    this.label = [...this.button.childNodes];
    this.extra = document.createElement('div');
    this.extra.className = 'qx';
    this.says = document.createElement('p');
    this.says.className = 'sr';
    this.says.setAttribute('role', 'status');
    this.form.querySelector('.qf')!.before(this.extra);
    this.form.append(this.says);
    this.form.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.submit();
    });
    this.form.addEventListener('change', () => this.draw());
    const all = this.others();
    const cap = this.form.querySelector('.qh .cap');
    if (cap && all.length > 1 && all.includes(this)) cap.textContent = say('question.number', { n: all.indexOf(this) + 1, of: all.length });
    this.draw();
  }

  // restore shows what was answered before the page was loaded again, with what was said to it. To be graded again changes nothing.
  restore(answer: number[] | undefined, graded?: Graded) {
    if (this.answered || this.busy || !answer) return;
    const chosen = this.unsent;
    this.choose(answer);
    const key = this.key;
    if (!key) return;
    this.answered = true;
    this.draw();
    const given = graded ? Promise.resolve(graded) : this.grade?.(this.dataset['question']!, answer);
    void given?.then((g) => this.take(key, g)).catch(() => undefined); // without it, the answer alone stands
    if (chosen.some(Boolean)) this.choose(chosen);
  }

  // choose fills in what was chosen, and sends nothing.
  choose(answer: number[]) {
    if (this.locks && this.answered) return;
    for (const [i, f] of [...this.form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name=choice], [name=answer]')].entries()) {
      if ('checked' in f) f.checked = answer.includes(Number(f.value));
      else f.value = String(answer[i] || '');
    }
    this.draw();
  }

  // again forgets the answer, for a new run.
  again() {
    for (const answer of this.tried.keys()) render(nothing, this.option(answer));
    for (const o of this.form.querySelectorAll('.opt')) o.classList.remove('done', 'yours', 'right');
    this.tried.clear();
    this.form.reset();
    keep(this.why, undefined);
    this.answered = this.passed = false;
    this.says.textContent = this.problem = '';
    this.draw();
  }

  // A prediction is made once in a run; a question may be answered again.
  private get locks() {
    return this.localName === 'pg-predict';
  }

  // given is the answer as it stands: the one choice, what each row was given, or the cells that are marked.
  given = () => [...new FormData(this.form)].filter(([name]) => name !== 'question').map(([, n]) => Number(n));

  // unsent is what is chosen and was not sent.
  get unsent() {
    return this.tried.has(this.key) || (this.locks && this.answered) ? [] : this.given();
  }

  private get key() {
    return this.given().join();
  }

  private get why() {
    return `why ${this.form.getAttribute('action')}`;
  }

  // option is where an answer gets what is said to it: its choice, or the end of the rows.
  private option = (answer: string) => this.form.querySelector<HTMLElement>(`.ending, .opt:has([value="${answer}"])`)!;
  private others = () => [...(this.closest('.step')?.querySelectorAll<Question>(`${this.localName}:not(.again *)`) ?? [this])];
  private following = () => this.others().find((q, i, all) => i > all.indexOf(this) && !q.answered);

  private async submit() {
    const key = this.key;
    if (!this.grade || this.busy || shut() || (this.locks && this.answered)) return;
    if (this.tried.get(key)?.correct) {
      this.following()?.querySelector<HTMLElement>('[name=choice], [name=answer]')?.focus();
      return;
    }
    this.busy = true;
    this.problem = '';
    try {
      const g = await this.grade(this.dataset['question']!, this.given());
      this.answered = true;
      await this.take(key, g);
      this.says.textContent = `${say(g.correct ? 'question.right' : 'question.yours')}. ${this.option(key).querySelector('.fb')!.textContent}`;
      this.dispatchEvent(new CustomEvent('answered', { bubbles: true, detail: g }));
    } catch (e) {
      this.problem = (e as Error).message;
      this.draw();
    } finally {
      this.busy = false;
    }
  }

  private async take(key: string, g: Graded) {
    this.more = await import('./said');
    if (!this.answered) return; // forgotten meanwhile
    if (g.rows) this.tried.clear(); // rows have one place for what is said
    this.tried.set(key, this.more.tried(g, trusted(g.feedback)));
    this.draw();
  }

  private draw() {
    const locked = this.locks && this.answered;
    const why = !locked && shut();
    for (const input of this.form.querySelectorAll<HTMLInputElement>('input[name=choice]')) input.disabled = locked && !input.checked;
    const given = this.tried.get(this.key);
    if (locked) this.option(this.key).classList.add('yours');
    for (const [answer, g] of this.tried) this.more!.show(this.option(answer), g, this.items);
    this.form.querySelectorAll('[data-row]').forEach((row, i) => (row.textContent = given?.rows ? say(given.rows[i] ? 'question.rowRight' : 'question.rowWrong') : ''));
    const twin = this.nextElementSibling;
    if (twin?.matches('.again')) (twin as HTMLElement).hidden = !this.answered;
    render(html`${this.locks ? this.reason(locked) : nothing}${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}${why ? html`<p class="cap shut">${why}</p>` : nothing}`, this.extra);
    const solved = !this.locks && given?.correct;
    const next = solved && this.following();
    const text = locked ? say('question.locked') : next ? say('question.next') : solved ? say('question.done') : '';
    if (text) this.button.textContent = text;
    else this.button.replaceChildren(...this.label);
    const over = locked || (solved && !next) || why;
    if (over) this.button.setAttribute('aria-disabled', 'true');
    else this.button.removeAttribute('aria-disabled');
    this.button.classList.toggle('do', !over);
    this.compare(locked && this.passed);
  }

  // reason is for the learner alone: it is kept in this browser, and stands beside what happened.
  private reason(locked: boolean) {
    const text = kept<string>(this.why) ?? '';
    if (locked) return text ? html`<p class="conf"><span class="muted">${say('question.wrote')}</span> “${text}”</p>` : nothing;
    return html`<label class="conf"><span>${say('question.why')} <span class="muted">${say('question.whyNot')}</span></span>
      <input type="text" maxlength="200" autocomplete="off" .value=${text} @input=${(e: InputEvent) => keep(this.why, (e.target as HTMLInputElement).value || undefined)} /></label>`;
  }

  // compare folds a prediction into a line, once what it was about has happened.
  private compare(fold: boolean) {
    const g = this.tried.get(this.key);
    const folded = this.querySelector('details');
    if (fold && g && !folded) this.more!.fold(this, this.form, g);
    else if (!fold && folded) folded.replaceWith(this.form);
  }
}
customElements.define('pg-quiz', class extends Question {});
customElements.define('pg-predict', class extends Question {});
