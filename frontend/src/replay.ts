// replay.ts: a run drawn again, exchange by exchange, at the learner's pace. It holds only the place; pg-wire draws.
import { html } from 'lit';
import { say } from './strings';

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

  // strip is what it is led with.
  strip(end: () => void) {
    return html`<div class="strip" role="group" aria-label=${say('wire.replay')}><span class="cap" role="status">${say('replay.at', { n: this.at, all: this.all })}</span>
      <button class="btn sm" @click=${() => this.toggle()}>${say(this.playing ? 'replay.pause' : 'replay.play')}</button><button class="btn sm" @click=${() => this.step()}>${say('replay.step')}</button>
      <label class="row"><input type="checkbox" .checked=${this.slow} @change=${(e: InputEvent) => (this.slow = (e.target as HTMLInputElement).checked)} /> ${say('replay.slow')}</label>
      <button class="btn sm plain end" @click=${end}>${say('replay.end')}</button></div>`;
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
