// pg-twin: a question that was answered wrong comes back as its twin, and is graded by the server as in its lesson. Asked for when one is
// due. Properties in: slug, question (its id). Events out: graded, with the answer in words and what was asked.
import './more';
import { html, nothing } from 'lit';
import { call } from './api';
import { Light } from './parts';
import { say } from './strings';
import { trusted } from './trusted';
import type { Graded } from './wire.gen';

interface Asked {
  id: string;
  html: string;
  choices: string[];
}

class Twin extends Light {
  static properties = { slug: {}, question: {}, asked: { state: true }, given: { state: true }, problem: { state: true } };
  declare slug: string;
  declare question: string;
  declare asked?: Asked;
  declare given?: Graded;
  declare problem: string;

  protected firstUpdated() {
    void this.tell(async () => {
      const lesson = await call<{ questions: Asked[] }>('GET', `/api/lessons/${this.slug}`, '');
      this.asked = lesson.questions.find((q) => q.id === this.question);
      if (!this.asked) this.problem = say('review.gone');
    });
  }

  // tell does something, and says in words what went wrong.
  private async tell(what: () => Promise<void>) {
    this.problem = '';
    await what().catch((e: Error) => (this.problem = e.message));
  }

  private answer(e: SubmitEvent) {
    e.preventDefault();
    const form = e.target as HTMLFormElement;
    void this.tell(async () => {
      this.given = await call<Graded>('POST', `/api/lessons/${this.slug}/answers`, '', { question: this.question, choice: Number(new FormData(form).get('choice')) });
      const asked = form.querySelector('.q')!.textContent!.trim();
      this.dispatchEvent(new CustomEvent('graded', { detail: { ...this.given, asked } }));
    });
  }

  render() {
    const g = this.given;
    const own = (text: string) => trusted(text.replaceAll('href="#wire"', `href="/lessons/${this.slug}"`)); // a run is in the lesson
    return html`${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${this.asked
        ? html`<form class="stack" @submit=${(e: SubmitEvent) => this.answer(e)}>
            <div class="q" id="twin-q" .innerHTML=${own(this.asked.html)}></div>
            <div role="radiogroup" aria-labelledby="twin-q" class="stack">${this.asked.choices.map((c, i) => html`<label class="twin-opt"><input type="radio" name="choice" value=${i + 1} required ?disabled=${g !== undefined} /><span .innerHTML=${own(c)}></span></label>`)}</div>
            ${g ? nothing : html`<button class="btn grow">${say('question.answer')}</button>`}
          </form>`
        : nothing}
      ${g ? html`<div class="prose" role="status"><b>${say(g.correct ? 'question.right' : 'question.rowWrong')}.</b> <span .innerHTML=${own(g.feedback)}></span>${g.belief ? html`<p class="muted">${say('question.belief')} “${g.belief}”</p>` : nothing}</div>` : nothing}`;
  }
}
customElements.define('pg-twin', Twin);
