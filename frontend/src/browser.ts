// pg-browser: a browser of the story, Maya's or Mallory's. Its page stands in a frame in which nothing can run; forms and links of it
// are sent by the server.
// Properties in: view, busy, who (whose it is), others (whose can be shown in its place). Events out: openurl, send (with an edited
// request, or none), hand (whose browser to show). Going back and forward, a single hop, and
// what the browser keeps it asks of the sandbox itself; the record tells the page what came of it.
import { html, nothing } from 'lit';
import { Problem, remembered, type Sandbox } from './api';
import type { inside } from './browser-inside';
import { copied } from './copy';
import { linesOf, requestOf } from './edit';
import { server } from './hosts';
import { single } from './keys';
import { arrowLeft, glyph, Light, tone } from './parts';
import { actor as nameOf, say } from './strings';
import type { BrowserView, EditedRequest, Inside } from './wire.gen';

const patience = 5000; // ms until a page that the frame should have gone to is given to it

export class Browser extends Light {
  static properties = { typing: { state: true }, view: { attribute: false }, busy: { type: Boolean }, who: { type: String }, others: { attribute: false }, draft: { state: true }, acting: { state: true }, inside: { state: true }, looking: { state: true }, problem: { state: true }, said: { state: true } };
  declare view?: BrowserView;
  declare busy: boolean;
  declare who: string;
  declare others: string[];
  declare typing?: string; // the address as the learner is changing it
  declare draft?: string; // the waiting request as the learner is changing it
  declare acting: boolean; // going back, forward or a hop on
  declare inside?: Inside;
  declare looking: boolean; // at what it keeps
  declare problem: string;
  declare said: string; // whether the address was copied
  private drawn?: typeof inside; // asked for when somebody first looks inside
  private waits = ''; // the request that draft belongs to
  private shown = ''; // the address in the frame
  private ours = false; // the frame is loading what we gave it
  private went = false; // it has gone on by itself, and the view does not tell yet where to
  private waiting = 0;

  constructor() {
    super();
    this.busy = this.acting = this.looking = false;
    this.problem = this.said = '';
    this.who = 'browser';
    this.others = [];
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('keydown', this.key);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.key);
  }

  private key = (e: KeyboardEvent) => {
    if (e.key !== 'b' || !single(e) || e.defaultPrevented) return;
    (this.querySelector<HTMLElement>('.idle .btn') ?? this.querySelector<HTMLElement>('.addr'))?.focus();
    e.preventDefault();
  };

  render() {
    const v = this.view;
    return html`<section class="frame mb" aria-label=${nameOf(this.who)} aria-busy=${this.busy || this.acting ? 'true' : nothing}>
      <div class="bar-top"><span class="who ${tone(this.who)}">${glyph(this.who)}${nameOf(this.who)}</span>${this.busy || this.acting ? html`<span class="cap late">${say('browser.loading')}</span>` : nothing}
        ${this.others.map((o) => html`<button class="btn sm plain" aria-label=${say('browser.show', { who: nameOf(o) })} @click=${() => this.tell('hand', o)}>${nameOf(o)}</button>`)}
        ${v?.frame ? html`<span class="row end"><button class="btn sm plain" aria-expanded=${this.looking} aria-controls="mb-inside" @click=${() => this.look()}>${say('browser.inside')}</button>
          <a class="icon-btn" href=${v.frame} target="_blank" rel="noopener" aria-label=${say('browser.tab')}>${icons.tab}</a></span>` : nothing}</div>
      ${v?.frame ? this.bar(v) : nothing}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${v?.pending ? this.pending(v.pending) : nothing}
      ${this.looking && this.inside ? this.drawn!(this.inside) : nothing}
      ${v?.frame
        ? html`<iframe ?hidden=${this.looking && this.inside !== undefined} title=${`${nameOf(this.who)}: ${v.title || v.url}`} sandbox="allow-forms" @load=${() => this.loaded()}></iframe>`
        : v?.pending ? nothing : html`<div class="bar-nav">${this.typing === undefined ? html`<span class="addr" tabindex="0" role="textbox" aria-label=${say('browser.address')} @focus=${() => void this.type('')} @click=${() => void this.type('')}><span>${say('browser.typeHere')}</span></span>` : this.field()}</div><div class="idle"><p>${say('browser.nothingOpen')}</p><button class="btn" ?disabled=${this.busy} @click=${() => this.tell('openurl', 'https://planner.test/')}>${say('browser.openPlanner')}</button></div>`}
    </section>`;
  }

  // bar is the address with its buttons. Looked at, the address says whose page it is; pressed or reached by keys, it can be typed.
  private bar(v: BrowserView) {
    const u = URL.canParse(v.url) ? new URL(v.url) : undefined;
    const by = server(v.url);
    const button = (name: 'back' | 'forward', label: string, can: boolean) =>
      html`<button class="icon-btn" aria-label=${label} aria-disabled=${can && !this.busy ? nothing : 'true'} @click=${() => can && void this.act((s) => s[name](this.who))}>${icons[name]}</button>`;
    return html`<div class="bar-nav ${tone(by)}">${button('back', say('browser.back'), v.back)}${button('forward', say('browser.forward'), v.forward)}
      <button class="icon-btn" aria-label=${say('browser.reload')} aria-disabled=${this.busy ? 'true' : nothing} @click=${() => !this.busy && this.tell('openurl', v.url)}>${this.busy || this.acting ? icons.ring : icons.reload}</button>
      ${this.typing === undefined
        ? html`<span class="addr ${tone(by)}" tabindex="0" role="textbox" aria-label=${say('browser.address')} title=${v.url} @focus=${() => void this.type(v.url)} @click=${() => void this.type(v.url)}>${by ? glyph(by) : nothing}<span>${u ? html`<b>${u.host || u.protocol}</b>${u.pathname}${u.search}${u.hash}` : v.url}</span></span>`
        : this.field()}
      <button class="icon-btn" aria-label=${say('browser.copy')} @click=${() => void this.copy(v.url)}>${icons.copy}</button><span class="sr" role="status">${this.said}</span></div>`;
  }

  private async type(url: string) {
    this.typing = url;
    await this.updateComplete;
    this.querySelector<HTMLInputElement>('input.addr')?.select();
  }

  // field is the address being typed. What is left without Enter or Escape is forgotten, as in any browser.
  private field() {
    const leave = (e: KeyboardEvent) => e.key === 'Escape' && ((e.target as HTMLElement).blur(), e.stopPropagation());
    return html`<form @submit=${(e: SubmitEvent) => this.go(e)}><input class="addr" aria-label=${say('browser.address')} inputmode="url" autocomplete="off" spellcheck="false" .value=${this.typing!} @blur=${() => (this.typing = undefined)} @keydown=${leave} /></form>`;
  }

  private go(e: SubmitEvent) {
    e.preventDefault();
    const input = (e.target as HTMLFormElement).querySelector('input')!;
    const address = input.value.trim();
    if (address && !this.busy) this.tell('openurl', /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : 'https://' + address);
    input.blur();
  }

  private async copy(url: string) {
    this.said = say((await copied(url)) ? 'browser.copied' : 'browser.notCopied');
  }

  // What it keeps

  private look() {
    this.looking = !this.looking;
    if (this.looking) void this.peek();
  }

  private async peek() {
    try {
      this.drawn ??= (await import('./browser-inside')).inside;
      this.inside = await this.sandbox()?.inside(this.who);
    } catch (e) {
      this.problem = e instanceof Problem ? e.message : say('page.fail');
    }
  }

  // The request that waits

  private pending(p: EditedRequest) {
    const editing = this.draft !== undefined;
    return html`<form class="pending" @submit=${(e: SubmitEvent) => this.send(e, p)}>
      <span>${say('browser.pending', { who: nameOf(this.who) })}</span>
      ${editing
        ? html`<label class="cap" for="pending-url">${say('browser.editing')}</label><textarea id="pending-url" name="url" rows=${Math.min(8, this.draft!.split('\n').length + 1)} spellcheck="false" .value=${this.draft!} @input=${(e: InputEvent) => (this.draft = (e.target as HTMLTextAreaElement).value)}></textarea>`
        : html`<span class="mono ${tone(server(p.url))}">${server(p.url) ? glyph(server(p.url)) : nothing}<b>${p.method}</b> ${p.url}</span>`}
      <span class="row wrap"><button class="btn do sm" ?disabled=${this.busy}>${say('browser.send')}</button>
        <button type="button" class="btn sm" ?disabled=${this.busy} @click=${() => void this.act((s) => s.follow(this.who, this.edited(p), true))}>${say('browser.hop')}</button>
        ${editing ? html`<button type="button" class="btn sm plain" @click=${() => (this.draft = undefined)}>${say('browser.asItWas')}</button>` : html`<button type="button" class="btn sm" @click=${() => void this.edit(p)}>${say('browser.edit')}</button>`}</span>
    </form>`;
  }

  private edited = (p: EditedRequest) => (this.draft === undefined ? undefined : requestOf(this.draft, p));

  private async edit(p: EditedRequest) {
    this.draft = linesOf(p);
    await this.updateComplete;
    this.querySelector<HTMLElement>('#pending-url')?.focus();
  }

  // What was typed stays until the request has gone: an error takes nothing away.
  private send(e: SubmitEvent, p: EditedRequest) {
    e.preventDefault();
    this.problem = '';
    this.tell('send', this.edited(p));
  }

  private async act(what: (s: Sandbox) => Promise<BrowserView>) {
    const sandbox = this.sandbox();
    if (!sandbox || this.busy || this.acting) return;
    this.acting = true;
    this.problem = '';
    try {
      this.view = await what(sandbox);
      await this.updateComplete;
    } catch (e) {
      this.problem = (e as Error).message;
    }
    this.acting = false;
  }

  private sandbox = () => remembered.get(this.closest('pg-lesson')?.getAttribute('slug') ?? '');

  private tell(name: string, detail: unknown) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }

  // The frame

  protected willUpdate(changed: Map<string, unknown>) {
    if (!changed.has('view')) return;
    const p = this.view?.pending;
    const waits = p ? `${p.method} ${p.url}` : '';
    if (waits !== this.waits) this.draft = undefined;
    this.waits = waits;
    if (!this.view?.frame) this.looking = false;
    else if (this.looking && !this.busy) void this.peek();
  }

  // updated gives the frame its page. To where a form in it has led, it goes by itself: to load that page again would undo what
  // somebody types or presses there meanwhile. Only if nothing comes of it, as when the form was sent in another tab, it is given.
  protected updated(changed: Map<string, unknown>) {
    super.updated(changed);
    const frame = this.view?.frame ?? '';
    if (frame === this.shown) return;
    window.clearTimeout(this.waiting);
    this.waiting = 0;
    if (!frame || !this.shown || !this.view?.framed) return this.show(frame);
    this.shown = frame;
    if (!this.went) this.waiting = window.setTimeout(() => this.show(frame), patience);
    this.went = false;
  }

  private show(frame: string) {
    this.shown = frame;
    this.went = false;
    this.ours = frame !== '';
    if (frame) this.querySelector('iframe')!.src = frame;
  }

  private loaded() {
    this.went = !this.ours && !this.waiting;
    this.ours = false;
    window.clearTimeout(this.waiting);
    this.waiting = 0;
  }
}
customElements.define('pg-browser', Browser);

const icon = (d: string) => html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d=${d} /></svg>`;
const icons = {
  back: arrowLeft,
  forward: icon('M3 8h10m-4-4 4 4-4 4'),
  reload: icon('M12.8 6A5.2 5.2 0 1 0 13 9.6M13 2.8V6H9.8'),
  copy: icon('M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3'),
  tab: icon('M7 3.5H3.5v9h9V9M9.5 2.5h4v4M13.5 2.500 8 8'),
  ring: html`<svg class="i ring" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2.500a5.500 5.500 0 0 1 5.500 5.500" /></svg>`,
};
