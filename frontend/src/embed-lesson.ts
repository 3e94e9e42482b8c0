// embed-lesson.ts: pg-lesson in a page of others: it tells that page what happens, does what it may ask, and ends where its part does.
import { places } from './kept';
import { Lesson } from './lesson';
import { say } from './strings';

// Told is what an embedded lesson tells: a step that is shown, that all of it was done, or what went wrong.
export interface Told {
  step: string;
  complete: void;
  problem: string;
}

export class EmbeddedLesson extends Lesson {
  private completed = false;
  private options = location.search; // they stay in the address: a frame that is loaded again looks the same
  private told = ''; // the problem that was told

  // What comes before its part is played at once: it stands on the wire. Where steps of its own are played again, it is among them.
  connectedCallback() {
    super.connectedCallback();
    if (!this.querySelector('#intro')) this.heading.remove(); // the top has it
    const { before } = this.dataset;
    if (!before) return;
    this.run.prelude = async (s) => {
      const passed = places()[this.getAttribute('slug')!]?.passed ?? [];
      if (!this.steps.some((step) => passed.includes(step.id))) await s.replay(before);
    };
    void this.act(async () => undefined);
  }

  goTo(id: string): boolean {
    const i = this.steps.findIndex((s) => s.id === id);
    if (i >= 0) this.show(i);
    return i >= 0;
  }

  reset = () => this.restart();
  pause = (on: boolean) => this.run.pause(on);

  protected finishing = () => say('embed.done');

  protected finish() {
    this.note = say('embed.complete');
    this.complete();
    this.draw();
  }

  protected show(i: number, focus = true) {
    super.show(i, focus);
    history.replaceState(null, '', this.options + location.hash);
    this.tell('step', this.step.id);
  }

  protected draw() {
    super.draw();
    if (this.step === this.steps.at(-1) && this.run.view?.passed.includes(this.step.id)) this.complete();
    if (this.problem && this.problem !== this.told) this.tell('problem', this.problem);
    this.told = this.problem;
  }

  protected async restart() {
    await super.restart();
    if (this.run.prelude) await this.act(this.run.prelude);
    this.goTo(this.dataset['start'] ?? this.step.id);
  }

  private complete() {
    if (!this.completed) this.tell('complete', undefined);
    this.completed = true;
  }

  private tell<K extends keyof Told>(what: K, detail: Told[K]) {
    this.dispatchEvent(new CustomEvent('told' + what, { detail }));
  }
}
