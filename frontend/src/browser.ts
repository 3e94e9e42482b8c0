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

  constructor() {
    super();
    this.busy = this.editing = false;
  }

  render() {
    const v = this.view;
    const u = v?.url && URL.canParse(v.url) ? new URL(v.url) : undefined;
    return html`<div class="frame mb">
      <div class="bar-top"><span class="who browser">${glyph('browser')}${say.browser}</span>
        <span class="addr" title=${v?.url ?? ''}><span>${u ? html`<b>${u.host}</b>${u.pathname}${u.search}${u.hash}` : nothing}</span></span></div>
      ${v?.pending ? this.pending(v.pending) : nothing}
      ${v?.frame
        ? html`<iframe title=${`${say.browser}: ${v.title ?? v.url}`} sandbox="allow-forms" src=${v.frame}></iframe>`
        : html`<div class="idle"><p>${say.nothingOpen}</p><button class="btn" ?disabled=${this.busy} @click=${() => this.tell('openurl', 'https://planner.test/')}>${say.openPlanner}</button></div>`}
    </div>`;
  }

  private pending(p: EditedRequest) {
    return html`<form class="pending" @submit=${(e: SubmitEvent) => this.send(e, p)}>
      <span>${say.pending}</span>
      ${this.editing
        ? html`<label class="sr" for="pending-url">${say.request}</label><textarea id="pending-url" name="url" rows="4" spellcheck="false">${p.method} ${p.url}</textarea>`
        : html`<span class="mono"><b>${p.method}</b> ${p.url}</span>`}
      <span class="row"><button class="btn do sm" ?disabled=${this.busy}>${say.send}</button>${this.editing ? nothing : html`<button type="button" class="btn sm" @click=${() => (this.editing = true)}>${say.edit}</button>`}</span>
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
