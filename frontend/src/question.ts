// pg-quiz and pg-predict: questions. The server sent a form that works without script; here its answer is graded in place. A
// prediction opens the step's act once it is locked.
import type { Quote } from './quote';
import { say } from './strings';
import { trusted } from './trusted';
import type { Graded } from './wire.gen';

export type Grade = (question: string, choice: number) => Promise<Graded>;

export class Question extends HTMLElement {
  grade?: Grade;
  quote?: (ref: string) => Quote | undefined; // of the learner's own run
  answered = false;
  private label = ''; // of the button, as the server sent it
  private busy = false;

  connectedCallback() {
    this.querySelector('form')?.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.answer();
    });
  }

  private async answer() {
    const chosen = this.querySelector<HTMLInputElement>('input[name=choice]:checked');
    if (!chosen || !this.grade || this.busy || (this.locks && this.answered)) return;
    this.busy = true;
    this.querySelector('.problem')?.remove();
    try {
      const g = await this.grade(this.dataset['question']!, Number(chosen.value));
      this.show(chosen.closest('label')!, g);
      this.answered = true;
      if (this.locks) this.lock();
      this.dispatchEvent(new CustomEvent('answered', { bubbles: true, detail: g }));
    } catch (e) {
      const p = document.createElement('p');
      p.className = 'problem';
      p.setAttribute('role', 'alert');
      p.textContent = (e as Error).message;
      this.querySelector('form')!.append(p);
    } finally {
      this.busy = false;
    }
  }

  // A prediction is made once in a run; a question may be answered again.
  private get locks() {
    return this.localName === 'pg-predict';
  }

  // lock keeps the choice as it is. The button stays, and with it the focus.
  private lock() {
    for (const i of this.querySelectorAll<HTMLInputElement>('input[name=choice]')) i.disabled = !i.checked;
    const button = this.querySelector('button')!;
    this.label = button.textContent ?? '';
    button.textContent = say('question.locked');
    button.setAttribute('aria-disabled', 'true');
    button.classList.remove('do');
  }

  // restore shows what was answered before the page was loaded again.
  restore(choice: number | undefined) {
    if (this.answered || this.busy || choice === undefined) return;
    const chosen = this.querySelector<HTMLInputElement>(`input[name=choice][value="${choice}"]`);
    if (!chosen) return;
    chosen.checked = this.answered = true;
    chosen.closest('label')!.classList.add('yours');
    if (this.locks) this.lock();
  }

  // again forgets the answer, for a new run.
  again() {
    this.clear();
    this.querySelector('form')?.reset();
    for (const i of this.querySelectorAll<HTMLInputElement>('input[name=choice]')) i.disabled = false;
    const button = this.querySelector('button');
    if (button && this.answered && this.locks) {
      button.textContent = this.label;
      button.removeAttribute('aria-disabled');
      button.classList.add('do');
    }
    this.answered = false;
  }

  private clear() {
    for (const old of this.querySelectorAll('.tag, .fb')) old.remove();
    for (const l of this.querySelectorAll('.opt')) l.classList.remove('done', 'yours', 'right');
  }

  private show(label: HTMLElement, g: Graded) {
    this.clear();
    label.classList.add('done', 'yours');
    if (g.correct) label.classList.add('right');
    const tag = document.createElement('span');
    tag.className = 'tag';
    tag.textContent = g.correct ? say('question.right') : say('question.yours');
    const feedback = document.createElement('span');
    feedback.className = 'fb';
    feedback.setAttribute('role', 'status');
    feedback.innerHTML = trusted(g.feedback);
    label.append(tag, feedback);
  }
}
customElements.define('pg-quiz', class extends Question {});
customElements.define('pg-predict', class extends Question {});
