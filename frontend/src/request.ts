// pg-request: a request that the lesson sends. The server sent its text; here its parameters stand in a grid, and where the learner may
// change it, its text is a field that keeps what was typed, also after an error.
// Properties in: busy (the lesson sends something), see (the run, to find what came of it). Events out: sendstep.
import './more';
import { html, nothing, render } from 'lit';
import { hostNamed } from './hosts';
import type { Question } from './question';
import type { Item } from './model';
import { address, answerOf, partsOf, pathOf, type Answered, type Parts } from './request-text';
import { say } from './strings';

// values marks the places for values of the run, so that they can be followed.
const values = (text: string) => text.split(/(\{\{[^}]+\}\})/).map((bit) => {
  const tag = /^\{\{\s*([^}]+?)\s*\}\}$/.exec(bit)?.[1];
  return tag ? (tag.includes('#') ? html`<span class="val" data-tag=${tag}>${tag}</span>` : hostNamed(tag) ?? tag) : bit;
});

const arrow = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M4.5 3v10l8-5z" fill="currentColor" /></svg>`;
const again = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M12.8 6A5.2 5.2 0 1 0 13 9.6M13 2.8V6H9.8" /></svg>`;

export class Request extends HTMLElement {
  private given = ''; // as the server sent it
  private text = '';
  private editing = false;
  private sending = false;
  private came?: Answered;
  private shown?: HTMLElement;

  set busy(busy: boolean) {
    if (busy === this.sending) return;
    this.sending = busy;
    this.draw();
  }

  set answer(a: Answered | undefined) {
    if (a?.status === this.came?.status && a?.ms === this.came?.ms) return;
    this.came = a;
    this.draw();
  }

  // see looks for what came of it in the run.
  see(list: Item[]) {
    this.answer = answerOf(list, this.text, this.dataset['from'] ?? '');
  }

  // source is the request as it would be sent now.
  get source() {
    return this.text;
  }

  get edited() {
    return this.text !== this.given;
  }

  // change puts a text that was typed earlier into its field.
  change(text: string) {
    this.text = text;
    this.editing = true;
    this.draw();
  }

  connectedCallback() {
    const pre = this.querySelector('pre');
    if (pre && !this.shown) {
      this.given = this.text = pre.textContent ?? '';
      this.shown = document.createElement('div');
      pre.replaceWith(this.shown);
      this.addEventListener('keydown', (e) => {
        if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey)) return;
        e.preventDefault();
        this.send();
      });
      this.closest('.step')?.addEventListener('answered', () => this.draw());
    }
    this.draw();
  }

  private get gated() {
    return [...(this.closest('.step')?.querySelectorAll<Question>('pg-predict') ?? [])].some((q) => !q.answered);
  }

  private send() {
    if (!this.sending && !this.gated) this.dispatchEvent(new CustomEvent('sendstep', { bubbles: true }));
  }

  private edit() {
    this.editing = true;
    this.draw();
    this.querySelector('textarea')!.focus();
  }

  private typed(text: string) {
    this.text = text;
    this.draw();
  }

  private restore() {
    this.text = this.given;
    this.editing = false;
    this.draw();
    this.querySelector<HTMLElement>('.req-edit')?.focus();
  }

  private draw() {
    if (!this.shown) return;
    const p = partsOf(this.text);
    render(html`<b>${p.method}</b> ${address(p.url)}`, this.head());
    const why = `why-${this.dataset['index']}-${this.closest('.step')?.id ?? ''}`;
    const gated = this.gated;
    const changed = this.edited;
    const a = this.came;
    const what = a ? html`${again}${say('request.again')}` : html`${arrow}${say('request.send', { what: `${p.method} ${pathOf(p.url)}` })}`;
    render(
      html`${this.editing
          ? html`<textarea class="http" name=${this.dataset['index'] ?? '0'} rows=${Math.min(12, this.text.split('\n').length + 1)} spellcheck="false" aria-label=${say('request.editable')} .value=${this.text} @input=${(e: InputEvent) => this.typed((e.target as HTMLTextAreaElement).value)}></textarea>`
          : this.grid(p)}
        <div class="req-f"><button type="button" class="btn sm" aria-disabled=${gated || this.sending ? 'true' : nothing} aria-describedby=${gated ? why : nothing} aria-keyshortcuts="Control+Enter" @click=${() => this.send()}>${this.sending ? say('request.sending') : what}</button>
          ${this.hasAttribute('data-edit') && !this.editing ? html`<button type="button" class="btn sm plain req-edit" @click=${() => this.edit()}>${say('request.change')}</button>` : nothing}
          ${changed ? html`<span class="chip">${say('request.edited')}</span><button type="button" class="btn sm plain" @click=${() => this.restore()}>${say('request.restore')}</button>` : nothing}
          <span class="cap end" id=${why} role="status">${gated ? say('request.gate') : a ? (a.status ? (a.ms ? say('request.answeredIn', { status: a.status, ms: a.ms }) : say('request.answered', { status: a.status })) : say('request.unanswered')) : nothing}</span></div>`,
      this.shown,
    );
  }

  private head() {
    const h = this.querySelector<HTMLElement>('.req-what')!;
    if (!h.dataset['drawn']) {
      h.textContent = '';
      h.dataset['drawn'] = 'yes';
    }
    return h;
  }

  private grid(p: Parts) {
    const list = (all: [string, string][]) => (all.length ? html`<dl class="kv mono">${all.map(([k, v]) => html`<dt>${k}</dt><dd>${values(v)}</dd>`)}</dl>` : nothing);
    return html`${list(p.headers)}${list(p.params)}${p.body ? html`<pre class="http pad">${values(p.body)}</pre>` : nothing}`;
  }
}
customElements.define('pg-request', Request);
