// pg-exchange: the inspector. What was checked, in order; the request and the answer as sent, each part explained; the tokens in
// it, opened in pg-token. Properties in: row, rows (of its run), values, followed, lens, checks (what each is), now, filed (it came as a file).
// Events out: pick, follow.
import { html, nothing, type TemplateResult } from 'lit';
import { copied } from './copy';
import { explanations, keyOf, type Explanation, type Kind } from './explain';
import { single } from './keys';
import { judges, sight } from './lens';
import { carriers, curl, header, hostOf, tagsIn, type Row } from './model';
import { Light, marked, who } from './parts';
import { actor, said, say } from './strings';
import { verdict } from './verdict';
import type { Event, Info, Request, Response } from './wire.gen';

export class Exchange extends Light {
  static properties = {
    row: { attribute: false }, rows: { attribute: false }, values: { attribute: false }, followed: { attribute: false }, lens: { attribute: false }, checks: { attribute: false }, now: { attribute: false }, filed: { attribute: false },
    told: { state: true }, open: { state: true }, known: { state: true }, token: { state: true }, plain: { state: true },
  };
  declare row?: Row;
  declare rows: Row[];
  declare values: Map<string, string>;
  declare followed: string;
  declare lens: string;
  declare checks: Info[];
  declare now: string;
  declare filed: boolean;
  declare told: string; // after a copy: what was copied
  declare open: string; // the part that is explained
  declare known?: Record<string, Explanation> | 'failed';
  declare token?: Event; // shown in place of the panes
  declare plain: boolean; // JSON as it was sent, not set in lines
  private judged = 0; // the answer whose checks were brought into sight
  private keys = (e: KeyboardEvent) => this.key(e);

  constructor() {
    super();
    this.rows = [];
    this.values = new Map();
    this.checks = [];
    this.followed = this.lens = this.now = this.told = this.open = '';
    this.plain = this.filed = false;
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('keydown', this.keys);
    this.addEventListener('closetoken', () => this.show(undefined));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.keys);
  }

  protected willUpdate(changed: Map<string, unknown>) {
    if (changed.has('row') && (changed.get('row') as Row | undefined)?.id !== this.row?.id) {
      this.token = undefined;
      this.open = '';
    }
  }

  // updated names the region, and brings what was refused, or would have been, into sight: at the end of a long list of checks
  // nobody would look for it.
  protected updated(changed: Map<string, unknown>) {
    super.updated(changed);
    const r = this.row;
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', r ? say('inspector.region', { n: r.n, what: ['all', 'url'].includes(sight(this.lens, r, this.rows)) ? `${r.request.request!.method} ${r.path}` : '' }).trim() : say('inspector.checks'));
    if (!r?.answer || this.judged === r.answer.seq) return;
    this.judged = r.answer.seq;
    const pane = this.querySelector<HTMLElement>('.pane');
    const at = pane?.querySelector<HTMLElement>('.trace :is(.no, .would)');
    if (pane) pane.scrollTop = at ? at.getBoundingClientRect().bottom - pane.getBoundingClientRect().bottom + pane.scrollTop + 8 : 0;
  }

  render() {
    const r = this.row;
    if (!r) return html`<p class="empty">${say('inspector.select')}</p>`;
    if (this.token && sight(this.lens, r, this.rows) === 'all')
      return html`<div class="pane tokenpane" tabindex="0" role="region" aria-label=${this.token.token!.tag}><pg-token .event=${this.token} .raw=${this.values.get(this.token.token!.tag) ?? ''} .row=${r} .rows=${this.rows} .now=${this.now} .filed=${this.filed}></pg-token></div>`;
    const q = r.request.request!;
    const direct = r.request.from !== 'browser' && r.request.to !== 'browser';
    const seen = sight(this.lens, r, this.rows);
    const [before, after] = this.neighbours(r);
    const go = (to: Row | undefined, sign: string, label: 'inspector.earlier' | 'inspector.later') =>
      to ? html`<button class="icon-btn" aria-label=${say(label, { tag: this.followed })} @click=${() => this.pick(to)}>${sign}</button>` : nothing;
    return html`<header class="ins-h"><h2 id="ins-h"><span class="mono muted">${r.n}</span> ${seen === 'all' || seen === 'url' ? html`<span class="mono">${q.method} ${r.path}</span>` : nothing}</h2>
        <span class="row">${who(r.request.from!)} <span aria-hidden="true">→</span><span class="sr">${say('inspector.to')}</span> ${who(r.request.to!)}</span>
        ${direct && seen === 'all' ? html`<span class="cap">${say('inspector.direct')}</span>` : nothing}
        <span class="row end">${go(before, '[', 'inspector.earlier')}${go(after, ']', 'inspector.later')}${seen === 'all'
          ? html`<button class="btn sm plain" @click=${() => void this.copy('curl', curl(r.request))}>${this.told === 'curl' ? say('inspector.copied') : say('inspector.curl')}</button>${this.link(r.id)}`
          : nothing}</span></header>
      ${seen === 'none' || seen === 'host' ? this.blind(r, seen) : this.panes(r, seen === 'url')}`;
  }

  // link is the address of this exchange. That of a run which came as a file is known where the address names or carries the run.
  private link(id: string) {
    const at = new URLSearchParams(location.hash.slice(1));
    const run = at.get('run');
    if (this.filed && !run && !location.search) return nothing;
    const address = `${location.href.replace(/[?#].*/s, '')}${this.filed ? location.search : ''}#${run ? `run=${run}&at=` : ''}${id}`;
    return html`<button class="btn sm plain" @click=${() => void this.copy('link', address)}>${this.told === 'link' ? say('inspector.linked') : say('inspector.link')}</button>`;
  }

  private blind(r: Row, seen: string) {
    const text = seen === 'host' ? say('inspector.blindHost', { from: actor(r.request.from!), host: hostOf(r.request.request!.url) }) : say('inspector.blind', { who: actor(this.lens) });
    return html`<div class="panes"><p class="blind"><span>${text}</span></p></div>`;
  }

  private panes(r: Row, address: boolean) {
    const q = r.request.request!;
    if (address) return html`<div class="panes"><section class="pane one" tabindex="0" aria-label=${say('inspector.request')}><p class="soft">${say('inspector.blindUrl')}</p><div class="http">${this.address(q)}</div></section></div>`;
    return html`<div class="panes">
        <section class="pane" tabindex="0" aria-label=${say('inspector.checks')}><h3>${say('inspector.checks')}${this.summary(r)}</h3>${judges(this.lens, r) ? this.verdicts(r) : html`<p class="soft">${say('inspector.blindChecks', { who: actor(this.lens) })}</p>`}</section>
        <section class="pane" tabindex="0" aria-label=${say('inspector.request')}><h3>${say('inspector.request')}</h3>
          <div class="http">${this.address(q)}${this.headers(q.headers, 'q')}${this.body(q, 'q', r)}</div></section>
        <section class="pane" tabindex="0" aria-label=${say('inspector.answer')}><div class="ph-row"><h3>${say('inspector.answer')}</h3>${this.jsonSwitch(r)}</div>
          ${r.answer ? this.answer(r.answer, r) : html`<p class="cap">${say('inspector.stillOpen')}</p>`}</section>
      </div>`;
  }

  // What was checked

  private summary(r: Row) {
    const list = r.answer?.verdicts ?? [];
    if (!list.length || !judges(this.lens, r)) return nothing;
    return html`<span class="cap end">${say('inspector.summary', { passed: list.filter((v) => v.outcome === 'pass').length, all: list.length })}</span>`;
  }

  private verdicts(r: Row) {
    const list = r.answer?.verdicts ?? [];
    if (!list.length) return html`<p class="cap">${say('inspector.noChecks')}</p>`;
    return html`<ol class="trace">${list.map((v) => verdict(v, this.checks.find((c) => c.id === v.check)?.title, this.mark))}</ol>`;
  }

  // As sent, part by part

  private mark = (text: string) => marked(text, this.values, this.followed);

  private address(q: Request) {
    const [base = '', query] = cut(q.url, '?');
    return html`<div class="start">${q.method} ${this.mark(base)}${query === undefined ? nothing : '?'}</div>${query === undefined ? nothing : this.pairs(query, 'u')}`;
  }

  private answer(e: Event, r: Row) {
    const a = e.response!;
    if (!a.status) return html`<p class="soft">${say('inspector.broken')}</p>`;
    return html`<div class="http"><div class="start">HTTP/1.1 ${a.status}</div>${this.headers(a.headers ?? [], 'a')}${this.body(a, 'a', r)}</div>
      ${r.tokens.length ? html`<p class="row wrap">${r.tokens.map((t) => html`<button class="btn sm" @click=${() => this.show(t)}>${say('inspector.openToken', { tag: t.token!.tag })}</button>`)}</p>` : nothing}`;
  }

  private headers(list: [string, string][], where: string): TemplateResult[] {
    return list.map(([name, value], i) => {
      if (name !== 'Location') return this.line(`${where}h${i}`, 'header', name, ': ', value);
      const at = value.search(/[?#](?!\d+\})/);
      return at < 0 ? this.line(`${where}h${i}`, 'header', name, ': ', value) : html`${this.line(`${where}h${i}`, 'header', name, ': ', value.slice(0, at + 1))}${this.pairs(value.slice(at + 1), `${where}l`)}`;
    });
  }

  private body(m: Request | Response, where: string, r: Row) {
    const body = m.body;
    if (!body) return nothing;
    const type = header(m.headers ?? [], 'Content-Type');
    const rest = m.cut ? html`<p class="cap">${say('inspector.cut')}</p>` : nothing;
    if (type.includes('form-urlencoded')) {
      const practice = tagsIn(r.request).some((t) => t.startsWith('password#')) ? html`<p class="cap">${say('inspector.password', { actor: actor(r.request.to!) })}</p>` : nothing;
      return html`<div class="gap"></div>${this.pairs(body, `${where}b`)}${practice}${rest}`;
    }
    const json = this.plain || !type.includes('json') ? undefined : object(body);
    if (!json) return html`<div class="gap"></div><div class="ln">${this.mark(body)}</div>${rest}`;
    const entries = Object.entries(json);
    return html`<div class="gap"></div><div class="ln">{</div>${entries.map(([name, value], i) => this.line(`${where}j${i}`, 'param', name, ': ', JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ') + (i < entries.length - 1 ? ',' : ''), true))}<div class="ln">}</div>${rest}`;
  }

  private jsonSwitch(r: Row) {
    const a = r.answer?.response;
    if (!a?.body || !header(a.headers ?? [], 'Content-Type').includes('json')) return nothing;
    return html`<button class="btn sm plain end" aria-pressed=${this.plain} @click=${() => (this.plain = !this.plain)}>${say('inspector.asSent')}</button>`;
  }

  private pairs(text: string, where: string) {
    return text.split('&').map((pair, i) => {
      const [name = '', value] = cut(pair, '=');
      return this.line(`${where}${i}`, 'param', name, value === undefined ? '' : '=', value ?? '', false, i ? '&' : '');
    });
  }

  // line is a name with its value. The name opens what it is, where that is known.
  private line(id: string, kind: Kind, name: string, between: string, value: string, quoted = false, before = '') {
    const open = this.open === id;
    const label = quoted ? JSON.stringify(name) : name;
    const can = this.known === undefined || this.known === 'failed' || keyOf(kind, name) in this.known;
    return html`<div class="ln ${quoted ? 'in' : ''}">${before}${can && name ? html`<button class="k" aria-expanded=${open} aria-controls=${open ? 'explained' : nothing} aria-label=${say('inspector.explains', { name })} @click=${() => this.explain(open ? '' : id)}>${label}</button>` : html`<span class="k">${label}</span>`}${between}${this.mark(value)}</div>${open ? this.explained(kind, name) : nothing}`;
  }

  private explained(kind: Kind, name: string) {
    if (this.known === 'failed') return html`<div class="ex" id="explained" role="status">${say('inspector.explainFails')}</div>`;
    const e = this.known?.[keyOf(kind, name)];
    if (!e) return nothing;
    return html`<div class="ex" id="explained" role="status">${e.text} ${e.by ? say('inspector.madeBy', { actor: actor(e.by) }) : nothing} ${e.for ? say('inspector.checkedBy', { actor: actor(e.for) }) : nothing} ${e.url ? html`<a class="ref" href=${e.url} rel="noreferrer">${e.spec}</a>` : nothing}</div>`;
  }

  private explain(id: string) {
    this.open = id;
    if (this.known && this.known !== 'failed') return;
    void explanations().then((all) => (this.known = all)).catch(() => (this.known = 'failed'));
  }

  // Ways from here

  // neighbours are the exchanges before and after this one that carry the followed value.
  private neighbours(r: Row): [Row | undefined, Row | undefined] {
    if (!this.followed) return [undefined, undefined];
    const way = carriers(this.rows, this.followed);
    return [way.filter((x) => x.n < r.n).at(-1), way.find((x) => x.n > r.n)];
  }

  private pick(r: Row) {
    this.dispatchEvent(new CustomEvent('pick', { detail: r.id, bubbles: true }));
  }

  private async show(token: Event | undefined) {
    const back = this.token;
    this.token = token;
    if (token || !back) return;
    await this.updateComplete;
    this.querySelector<HTMLElement>('.panes .pane:last-child button.btn')?.focus({ preventScroll: true });
  }

  private key(e: KeyboardEvent) {
    const r = this.row;
    if (!r || e.defaultPrevented || !single(e)) return;
    const [before, after] = this.neighbours(r);
    if (e.key === 'Escape' && this.token) void this.show(undefined);
    else if ('123'.includes(e.key)) this.querySelectorAll<HTMLElement>('.pane')[Number(e.key) - 1]?.focus();
    else if (e.key === '[' && before) this.pick(before);
    else if (e.key === ']' && after) this.pick(after);
    else if (e.key === 'c' && sight(this.lens, r, this.rows) === 'all') void this.copy('curl', curl(r.request));
  }

  private async copy(what: string, text: string) {
    this.told = (await copied(text)) ? what : '';
    if (this.told) window.setTimeout(() => (this.told = ''), 1500);
  }
}
customElements.define('pg-exchange', Exchange);

// cut is a text before and after the first of a sign; the second is undefined without one.
function cut(text: string, sign: string): [string, string | undefined] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + sign.length)];
}

function object(text: string): { [name: string]: unknown } | undefined {
  try {
    const v: unknown = JSON.parse(text);
    return v !== null && typeof v === 'object' && !Array.isArray(v) ? (v as { [name: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
}
