// pg-exchange: the inspector. What was checked, in order; the request; the answer; the tokens in it. Properties in: row, values,
// followed. Events out: follow.
import { html, nothing } from 'lit';
import type { Event, Verdict } from './wire.gen';
import { curl, type Row } from './model';
import { Light, marked, tick, who } from './parts';
import { say } from './strings';

export class Exchange extends Light {
  static properties = { row: { attribute: false }, values: { attribute: false }, followed: { attribute: false }, said: { state: true } };
  declare row?: Row;
  declare values: Map<string, string>;
  declare followed: string;
  declare said: string; // after a copy

  constructor() {
    super();
    this.values = new Map();
    this.followed = '';
    this.said = '';
  }

  render() {
    const r = this.row;
    if (!r) return html`<p class="empty">${say('inspector.select')}</p>`;
    const q = r.request.request!;
    const direct = r.request.from !== 'browser' && r.request.to !== 'browser';
    return html`<header class="ins-h"><h2 id="ins-h"><span class="mono muted">${r.n}</span> <span class="mono">${q.method} ${r.path}</span></h2>
        <span class="row">${who(r.request.from!)} <span aria-hidden="true">→</span><span class="sr">to</span> ${who(r.request.to!)}</span>
        ${direct ? html`<span class="cap">${say('inspector.direct')}</span>` : nothing}
        <button class="btn sm plain end" @click=${() => void this.copy(r.request)}>${this.said || say('inspector.curl')}</button></header>
      <div class="panes">
        <section class="pane" tabindex="0" aria-label=${say('inspector.checks')}><h3>${say('inspector.checks')}</h3>${this.checks(r)}</section>
        <section class="pane" tabindex="0" aria-label=${say('inspector.request')}><h3>${say('inspector.request')}</h3>
          <pre class="http"><span class="start">${q.method} ${this.mark(q.url)}</span>\n${this.headers(q.headers)}\n${this.body(q.body)}</pre></section>
        <section class="pane" tabindex="0" aria-label=${say('inspector.answer')}><h3>${say('inspector.answer')}</h3>
          ${r.answer
            ? html`<pre class="http"><span class="start">HTTP/1.1 ${r.answer.response!.status}</span>\n${this.headers(r.answer.response!.headers ?? [])}\n${this.body(r.answer.response!.body)}</pre>`
            : html`<p class="cap">${say('inspector.stillOpen')}</p>`}
          ${r.tokens.map((t) => this.token(t))}</section>
      </div>`;
  }

  private checks(r: Row) {
    const list = r.answer?.verdicts ?? [];
    if (!list.length) return html`<p class="cap">${say('inspector.noChecks')}</p>`;
    return html`<ol class="trace">${list.map((v) => this.check(v))}</ol>`;
  }

  private check(v: Verdict) {
    const classes: Record<string, string> = { 'fail enforce': 'no', 'fail observe': 'would', 'off off': 'notrun' };
    const why = [
      v.outcome === 'fail' && v.mode === 'observe' ? say('inspector.would') : '',
      v.outcome === 'off' ? say('inspector.off') : '',
      v.expected && v.expected !== v.actual ? `${say('inspector.expected')} ${v.expected}` : '',
      v.actual ? `${say('inspector.came')} ${v.actual}` : '',
    ].filter(Boolean);
    return html`<li class=${classes[`${v.outcome} ${v.mode}`] ?? ''}><span class="v">${tick(v.outcome)}</span><span class="name">${v.check}</span><span class="ref">${v.spec}</span>${why.length ? html`<span class="why">${why.join('; ')}</span>` : nothing}</li>`;
  }

  private mark = (text: string) => marked(text, this.values, this.followed);

  private headers(list: [string, string][]) {
    return list.map((h) => html`<span class="k">${h[0]}:</span> ${this.mark(h[1])}\n`);
  }

  private body(body?: string) {
    if (!body) return nothing;
    if (body.startsWith('{')) {
      try {
        return html`${this.mark(JSON.stringify(JSON.parse(body), null, 2))}`;
      } catch {
        // shown as it is
      }
    }
    return html`${this.mark(/^[\w.%+-]+=/.test(body) ? body.replaceAll('&', '\n&') : body)}`;
  }

  private token(e: Event) {
    const t = e.token!;
    if (t.format !== 'jwt') return html`<section class="token"><b class="mono">${t.tag}</b><span class="cap">${say('inspector.opaque')}</span></section>`;
    const s = t.signature;
    return html`<section class="token" aria-label=${t.tag}><b class="mono">${t.tag}</b><span class="cap">${say('inspector.decoded')}</span>
      <dl class="mono">${Object.entries(t.claims ?? {}).map(([k, v]) => html`<dt>${k}</dt><dd>${typeof v === 'string' ? v : JSON.stringify(v)}</dd>`)}</dl>
      <span class="sig cap ${s?.verified ? '' : 'not'}">${s?.verified ? say('inspector.verified', { alg: s.alg, kid: (s.kid ?? '').slice(0, 8) }) : say('inspector.notVerified', { why: s?.problem ?? '' })}</span></section>`;
  }

  private async copy(e: Event) {
    try {
      await navigator.clipboard.writeText(curl(e));
    } catch {
      this.said = say('inspector.notCopied');
      return;
    }
    this.said = say('inspector.copied');
    window.setTimeout(() => (this.said = ''), 1500);
  }
}
customElements.define('pg-exchange', Exchange);
