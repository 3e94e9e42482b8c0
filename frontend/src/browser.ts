// pg-browser: Maya's browser. Its page stands in a frame in which nothing can run; forms and links of it are sent by the server.
// Properties in: view, busy. Events out: open, send (with an edited request, or none).
import { html, nothing } from 'lit';
import type { BrowserView, EditedRequest } from './wire.gen';
import { glyph, Light } from './parts';
import { say } from './strings';

export class Browser extends Light {
  static properties = { view: { attribute: false }, busy: { type: Boolean }, editing: { state: true } };
  declare view?: BrowserView;
  declare busy: boolean;
  declare editing: boolean;
  private shown = ''; // the address in the frame
  private ours = false; // the frame is loading what we gave it
  private wentOn = -Infinity; // when it last went on by itself, as a form in it was sent
  private waiting = 0;

  constructor() {
    super();
    this.busy = this.editing = false;
  }

  render() {
    const v = this.view;
    const u = v?.url && URL.canParse(v.url) ? new URL(v.url) : undefined;
    return html`<div class="frame mb">
      <div class="bar-top"><span class="who browser">${glyph('browser')}${say('browser.browser')}</span>
        <span class="addr" title=${v?.url ?? ''}><span>${u ? html`<b>${u.host}</b>${u.pathname}${u.search}${u.hash}` : nothing}</span></span></div>
      ${v?.pending ? this.pending(v.pending) : nothing}
      ${v?.frame
        ? html`<iframe title=${`${say('browser.browser')}: ${v.title ?? v.url}`} sandbox="allow-forms" @load=${() => this.loaded()}></iframe>`
        : html`<div class="idle"><p>${say('browser.nothingOpen')}</p><button class="btn" ?disabled=${this.busy} @click=${() => this.tell('openurl', 'https://planner.test/')}>${say('browser.openPlanner')}</button></div>`}
    </div>`;
  }

  // updated gives the frame its page. A form that was sent in the frame has led it there already: loading it again would
  // undo what somebody types meanwhile, so such a page is given time to come by itself.
  protected updated(changed: Map<string, unknown>) {
    super.updated(changed);
    if (this.busy) this.wentOn = -Infinity;
    const frame = this.view?.frame ?? '';
    if (frame === this.shown) return;
    window.clearTimeout(this.waiting);
    if (!frame || !this.shown || this.busy) this.show(frame);
    else if (performance.now() - this.wentOn < 2000) this.arrived(frame);
    else this.waiting = window.setTimeout(() => this.show(frame), 600);
  }

  private show(frame: string) {
    this.arrived(frame);
    this.ours = frame !== '';
    if (frame) this.querySelector('iframe')!.src = frame;
  }

  private arrived(frame: string) {
    this.waiting = 0;
    this.shown = frame;
    this.wentOn = -Infinity;
  }

  private loaded() {
    if (this.ours) {
      this.ours = false;
    } else if (this.waiting) {
      window.clearTimeout(this.waiting);
      this.arrived(this.view?.frame ?? '');
    } else {
      this.wentOn = performance.now();
    }
  }

  private pending(p: EditedRequest) {
    return html`<form class="pending" @submit=${(e: SubmitEvent) => this.send(e, p)}>
      <span>${say('browser.pending')}</span>
      ${this.editing
        ? html`<label class="sr" for="pending-url">${say('inspector.request')}</label><textarea id="pending-url" name="url" rows="4" spellcheck="false">${p.method} ${p.url}</textarea>`
        : html`<span class="mono"><b>${p.method}</b> ${p.url}</span>`}
      <span class="row"><button class="btn do sm" ?disabled=${this.busy}>${say('browser.send')}</button>${this.editing ? nothing : html`<button type="button" class="btn sm" @click=${() => (this.editing = true)}>${say('browser.edit')}</button>`}</span>
    </form>`;
  }

  private send(e: SubmitEvent, p: EditedRequest) {
    e.preventDefault();
    const text = this.querySelector<HTMLTextAreaElement>('#pending-url')?.value.trim();
    const [method, ...url] = (text ?? '').split(/\s+/);
    this.tell('send', text ? { ...p, method, url: url.join('') } : undefined);
    this.editing = false;
  }

  private tell(name: string, detail: unknown) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}
customElements.define('pg-browser', Browser);
