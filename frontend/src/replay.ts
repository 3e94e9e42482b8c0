// replay.ts: a run drawn again, exchange by exchange, at the learner's pace. It holds only the place; pg-wire draws.
const pace = 440; // ms: an arrow, and a breath

export const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

export class Replay {
  at = 1; // rows drawn
  slow = false;
  playing = !still(); // where nothing may move, each step is the learner's
  private timer = 0;

  constructor(readonly all: number, private draw: () => void) {
    this.wait();
  }

  toggle() {
    this.playing = !this.playing;
    this.wait();
    this.draw();
  }

  step() {
    this.playing = false;
    this.on();
  }

  end() {
    window.clearTimeout(this.timer);
  }

  private on() {
    this.at = Math.min(this.all, this.at + 1);
    if (this.at === this.all) this.playing = false;
    this.wait();
    this.draw();
  }

  private wait() {
    window.clearTimeout(this.timer);
    if (this.playing && this.at < this.all) this.timer = window.setTimeout(() => this.on(), this.slow ? pace * 4 : pace);
  }
}
