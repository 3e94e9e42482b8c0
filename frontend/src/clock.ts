// pg-clock: the sandbox's time, and buttons that wind it forward. Properties in: now (when the server last told). Events out: advance.
import { html } from 'lit';
import { Light } from './parts';
import { say } from './strings';

export class Clock extends Light {
  static properties = { now: { attribute: false } };
  declare now: string;
  private told = 0; // when now was told, by this browser's own clock
  private timer = 0;

  connectedCallback() {
    super.connectedCallback();
    this.timer = window.setInterval(() => this.requestUpdate(), 1000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    window.clearInterval(this.timer);
  }

  protected willUpdate(changed: Map<string, unknown>) {
    if (changed.has('now')) this.told = Date.now();
  }

  render() {
    const at = new Date(Date.parse(this.now) + Date.now() - this.told).toISOString();
    const wind = (by: string) => this.dispatchEvent(new CustomEvent('advance', { detail: by, bubbles: true }));
    // The time goes on by itself: nobody wants to hear each second of it.
    return html`<output class="cap row" aria-live="off" aria-label=${say('clock.clock')}><svg class="i" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.7" /><path d="M8 4.8V8l2.2 1.6" /></svg><time class="mono" datetime=${at}>${at.slice(11, 19)}</time></output>
      <button class="btn sm plain" @click=${() => wind('10m')}>${say('clock.tenMinutes')}</button><button class="btn sm plain" @click=${() => wind('1h')}>${say('clock.oneHour')}</button>`;
  }
}
customElements.define('pg-clock', Clock);
