// pg-quiz and pg-predict: questions. The server sent a form that works without script; here its answer is graded in place, and what
// the feedback points at is quoted from the learner's own run. A prediction opens the step's act once it is locked.
// Properties in: grade, quote, happened (the step has passed, so that a prediction can be held against the wire). Events out: answered.
import { html, nothing, render } from 'lit';
import { keep, kept } from './kept';
import { check } from './parts';
import type { Quote } from './quote';
import { say } from './strings';
import { trusted } from './trusted';
import type { Graded } from './wire.gen';

export type Grade = (question: string, choice: number) => Promise<Graded>;

type Tried = Graded & { html: string; refs: string[] };

export class Question extends HTMLElement {
  grade?: Grade;
  answered = false;
  private tried = new Map<string, Tried>(); // by choice: what was said to it stays, as in a conversation
  private find?: (ref: string) => Quote | undefined;
  private passed = false;
  private busy = false;
  private problem = '';
  private form!: HTMLFormElement;
  private button!: HTMLElement;
  private label: ChildNode[] = []; // of the button, as the server sent it
  private says!: HTMLElement; // tells the feedback once, and only of an answer that is given now
  private extra!: HTMLElement; // above the button

  // quote finds what a pointer means in the learner's own run. It is set again whenever the run has changed.
  set quote(find: (ref: string) => Quote | undefined) {
    this.find = find;
    if (this.tried.size) this.draw();
  }

  set happened(passed: boolean) {
    if (passed === this.passed) return;
    this.passed = passed;
    if (this.answered) this.draw();
  }

  connectedCallback() {
    if (this.form) return; // only brought back into the page
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
    if (cap && all.length > 1) cap.textContent = say('question.number', { n: all.indexOf(this) + 1, of: all.length });
    this.draw();
  }

  // restore shows what was answered before the page was loaded again, with what was said to it. To be graded again changes nothing.
  restore(choice: number | undefined, graded?: Graded) {
    if (this.answered || this.busy || choice === undefined) return;
    const input = this.input(choice);
    if (!input) return;
    input.checked = this.answered = true;
    this.draw();
    const given = graded ? Promise.resolve(graded) : this.grade?.(this.dataset['question']!, choice);
    void given?.then((g) => this.take(choice, g)).catch(() => undefined); // without it, the answer alone stands
  }

  // again forgets the answer, for a new run.
  again() {
    for (const choice of this.tried.keys()) render(nothing, this.option(choice));
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

  private get chosen() {
    return this.form.querySelector<HTMLInputElement>('input[name=choice]:checked');
  }

  private get why() {
    return `why ${this.form.getAttribute('action')}`;
  }

  private input = (choice: number | string) => this.form.querySelector<HTMLInputElement>(`input[name=choice][value="${choice}"]`);
  private option = (choice: number | string) => this.input(choice)!.closest<HTMLElement>('.opt')!;
  private others = () => [...(this.closest('.step')?.querySelectorAll<Question>(this.localName) ?? [this])];
  private following = () => this.others().find((q, i, all) => i > all.indexOf(this) && !q.answered);

  private async submit() {
    const chosen = this.chosen;
    if (!chosen || !this.grade || this.busy || (this.locks && this.answered)) return;
    if (this.tried.get(chosen.value)?.correct) {
      const next = this.following()?.querySelector<HTMLElement>('input[type=radio]');
      next?.focus();
      return;
    }
    this.busy = true;
    this.problem = '';
    try {
      const g = await this.grade(this.dataset['question']!, Number(chosen.value));
      this.answered = true;
      this.take(Number(chosen.value), g);
      this.says.textContent = `${say(g.correct ? 'question.right' : 'question.yours')}. ${this.option(chosen.value).querySelector('.fb')!.textContent}`;
      this.dispatchEvent(new CustomEvent('answered', { bubbles: true, detail: g }));
    } catch (e) {
      this.problem = (e as Error).message;
      this.draw();
    } finally {
      this.busy = false;
    }
  }

  private take(choice: number, g: Graded) {
    if (!this.answered) return; // forgotten meanwhile
    const html = trusted(g.feedback);
    const content = document.createElement('template');
    content.innerHTML = html;
    this.tried.set(String(choice), { ...g, html, refs: [...content.content.querySelectorAll<HTMLElement>('a[data-ref]')].map((a) => a.dataset['ref']!) });
    this.draw();
  }

  private draw() {
    const locked = this.locks && this.answered;
    for (const input of this.form.querySelectorAll<HTMLInputElement>('input[name=choice]')) input.disabled = locked && !input.checked;
    if (locked) this.chosen?.closest('.opt')!.classList.add('yours');
    for (const [choice, g] of this.tried) this.drawOption(this.option(choice), g);
    render(html`${this.locks ? this.reason(locked) : nothing}${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}`, this.extra);
    const solved = !this.locks && this.tried.get(this.chosen?.value ?? '')?.correct;
    const next = solved && this.following();
    const text = locked ? say('question.locked') : next ? say('question.next') : solved ? say('question.done') : '';
    if (text) this.button.textContent = text;
    else this.button.replaceChildren(...this.label);
    const over = locked || (solved && !next);
    if (over) this.button.setAttribute('aria-disabled', 'true');
    else this.button.removeAttribute('aria-disabled');
    this.button.classList.toggle('do', !over);
    this.compare(locked && this.passed);
  }

  private drawOption(option: HTMLElement, g: Tried) {
    option.classList.add('done', 'yours');
    option.classList.toggle('right', g.correct);
    const quotes = new Map<string, [string, Quote]>();
    for (const ref of g.refs) {
      const q = this.find?.(ref);
      if (q) quotes.set(q.label, [ref, q]);
    }
    render(
      html`<span class="tag">${g.correct ? html`<span class="row">${check}${say('question.right')}</span>` : say('question.yours')}</span><span class="fb" .innerHTML=${g.html}></span>
        ${[...quotes.values()].map(([ref, q]) => html`<a class="quote" href="#wire" data-ref=${ref}><span class="cap">${q.label}</span>${q.lines.map((l) => html`<code>${l}</code>`)}</a>`)}
        ${g.belief ? html`<span class="mis">${say('question.belief')} “${g.belief}”</span>` : nothing}`,
      option,
    );
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
    const g = this.tried.get(this.chosen?.value ?? '');
    const folded = this.querySelector('details');
    if (fold && g && !folded) {
      const held = this.form.contains(document.activeElement);
      const details = document.createElement('details');
      details.className = 'said';
      this.prepend(details);
      const said = this.option(this.chosen!.value).querySelector('span')!.textContent!.trim().replace(/\.$/, '');
      render(html`<summary>${g.correct ? check : html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M3.5 6h9m-9 4h9M11 3 5 13" /></svg>`}<span><b>${say('question.predicted')}</b> ${said}. ${say(g.correct ? 'question.agrees' : 'question.otherwise')}</span></summary>`, details);
      details.append(this.form);
      if (held) details.querySelector('summary')!.focus();
    } else if (!fold && folded) {
      folded.replaceWith(this.form);
    }
  }
}
customElements.define('pg-quiz', class extends Question {});
customElements.define('pg-predict', class extends Question {});
