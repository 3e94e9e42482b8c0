// pg-token: one token: what it says, and whether to believe it. Two acts apart: decoding needs no key and proves nothing;
// verifying is computed here, with the key set that was fetched in this run. Properties in: event, raw (as sent), row (where it was
// found), rows, now, alone (nothing of the run stands beside it), filed (it came
// as a file: what that says is a claim). Events out: close, pick.
import { html, nothing, type TemplateResult } from 'lit';
import { copied } from './copy';
import { span } from './expiry';
import { explanations, keyOf, type Explanation } from './explain';
import { tagsIn, type Row } from './model';
import { check, Light, tick, who } from './parts';
import { specUrl } from './spec';
import { actor, said, say } from './strings';
import { altered, canVerify, decoded, keySet, verify, type KeySet, type Step } from './verify';
import type { Event, Verdict } from './wire.gen';

// judges are the checks about a token, by its kind: whose they are, is in their names.
const judges: Record<string, RegExp> = { id_token: /^client\.(id-token-|nonce$|at-hash$)/, access_token: /^api\./ };

export class Token extends Light {
  static properties = {
    event: { attribute: false }, raw: { attribute: false }, row: { attribute: false }, rows: { attribute: false }, now: { attribute: false }, alone: { type: Boolean }, filed: { attribute: false }, known: { state: true }, steps: { state: true }, changed: { state: true }, copied: { state: true },
  };
  declare event: Event;
  declare raw: string;
  declare row: Row;
  declare rows: Row[];
  declare now: string;
  declare filed: boolean;
  declare alone: boolean; // there is no record beside it to go to
  declare known: Record<string, Explanation>;
  declare steps?: Step[];
  declare changed: boolean;
  declare copied: boolean;

  constructor() {
    super();
    this.raw = this.now = '';
    this.rows = [];
    this.known = {};
    this.changed = this.copied = this.alone = this.filed = false;
  }

  connectedCallback() {
    super.connectedCallback();
    void explanations().then((all) => (this.known = all)).catch(() => undefined);
  }

  // The heading takes the focus once: the view has taken the place of another.
  protected firstUpdated() {
    if (!this.alone) this.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
  }

  private get text() {
    return this.changed ? altered(this.raw) : this.raw;
  }

  render() {
    const t = this.event.token!;
    const kind = t.tag.split('#')[0]!;
    const q = this.row.request.request!;
    return html`<div class="tok"><header class="th"><div><p class="cap">${say('token.found', { n: this.row.n, what: `${q.method} ${this.row.path}` })}</p>
          <h2 tabindex="-1">${said(`token.title.${kind}`) ?? kind} <span class="chip val on" data-tag=${t.tag}>${t.tag}</span></h2></div>
        <p class="soft row">${who(this.event.from ?? this.row.request.to!)} <span aria-hidden="true">→</span> ${who(this.event.to ?? this.row.request.from!)}</p>
        <span class="row end"><button class="btn sm" @click=${() => void this.copy()}>${this.copied ? say('inspector.copied') : say('token.copy')}</button>${this.alone ? nothing : html`<button class="btn sm" @click=${() => this.close()}>${say('token.back')}<kbd>Esc</kbd></button>`}</span></header>
      ${t.format === 'jwt' ? this.jwt(kind) : html`<section class="raw one"><div class="part pc"><code>${this.raw}</code></div></section><p class="prose">${say('token.opaque')}</p>`}</div>`;
  }

  private jwt(kind: string) {
    const [head = '', claims = '', signature = ''] = this.text.split('.');
    const t = this.event.token!;
    const decoding = html`<header class="sh"><span class="num" aria-hidden="true">1</span><div><h3 id="dec-h">${say('token.decode')}</h3><p class="soft">${say('token.decodeHow')}</p></div><span class="end stamp-no">${say('token.provesNothing')}</span></header>`;
    if (!signature) return html`<section class="dec" aria-labelledby="dec-h">${decoding}<p class="soft">${say('token.example')}</p>${this.half('ph', say('token.header'), t.header)}${this.half('pc', say('token.claims'), t.claims)}</section>`;
    return html`<section class="raw" aria-label=${say('token.asSent')}>
        <div class="part ph"><span class="lbl">${say('token.header')}</span><code>${head}<b>.</b></code></div><div class="part pc"><span class="lbl">${say('token.claims')}</span><code>${claims}<b>.</b></code></div><div class="part ps"><span class="lbl">${say('token.signature')}</span><code>${signature}</code></div></section>
      <div class="cols">
        <section class="dec" aria-labelledby="dec-h">${decoding}
          ${this.half('ph', say('token.header'), decoded(head))}${this.half('pc', say('token.claims'), decoded(claims))}</section>
        <section class="ver" aria-labelledby="ver-h"><header class="sh"><span class="num" aria-hidden="true">2</span><div><h3 id="ver-h">${say('token.verify')}</h3><p class="soft">${say('token.verifyHow')}</p></div></header>
          ${this.verification(head)}${this.judged(kind)}</section>
      </div>
      <section class="try"><p class="soft" role="status">${this.changed ? say('token.altered') : ''}</p><button class="btn end" @click=${() => this.alter()}>${say(this.changed ? 'token.restore' : 'token.alter')}</button></section>`;
  }

  private half(cls: string, title: string, claims?: { [name: string]: unknown }) {
    return html`<div class="json ${cls}"><h4>${title}</h4>${claims
      ? html`<dl>${Object.entries(claims).map(([name, value]) => html`<div><dt>${name}</dt><dd class="mono">${JSON.stringify(value)}</dd><dd class="ex">${this.meaning(name, value)}</dd></div>`)}</dl>`
      : html`<p class="soft">${say('token.unreadable')}</p>`}</div>`;
  }

  private meaning(name: string, value: unknown) {
    const e = this.known[keyOf('claim', name)];
    const time = typeof value === 'number' && ['exp', 'iat', 'nbf', 'auth_time', 'updated_at'].includes(name) ? html`<b>${this.time(name, value)}</b> ` : nothing;
    return html`${time}${e?.text ?? ''} ${e?.url ? html`<a class="ref" href=${e.url} rel="noreferrer">${e.spec}</a>` : nothing}`;
  }

  // time is a claim's moment on the sandbox's clock, and for an expiry how far it is.
  private time(name: string, seconds: number): string {
    const at = new Date(seconds * 1000);
    if (Number.isNaN(at.getTime())) return ''; // no clock goes that far
    const time = at.toISOString().slice(11, 19);
    const left = seconds - Date.parse(this.now) / 1000;
    if (name !== 'exp' || Number.isNaN(left)) return say('token.at', { time });
    return left > 0 ? say('token.goodUntil', { time, left: span(left) }) : say('token.expired', { time, ago: span(-left) });
  }

  private verification(head: string) {
    const claim = this.filed && this.event.token!.signature ? html`<p class="cap">${say('token.filed', { result: this.servers() })}</p>` : nothing;
    if (this.raw.endsWith('.{signature}')) return html`<p class="keyrow soft">${say('token.signatureGone')}</p>${claim}`;
    return html`${this.withKeys(head)}${claim}`;
  }

  private withKeys(head: string) {
    const issuer = String(decoded(this.raw.split('.')[1] ?? '')?.['iss'] ?? '');
    const set = keySet(issuer, this.rows);
    if (!set) return html`<p class="keyrow soft">${say('token.noKeys')}</p>`;
    const h = decoded(head) ?? {};
    return html`<div class="keyrow"><div class="keybox"><span class="cap">${say('token.keySet')}</span><code>${set.url}</code>${this.to(set.row, say('token.fetched', { actor: actor(set.row.request.from!), n: set.row.n }), 'cap')}</div>
        <ul class="keys mono">${set.keys.map((k) => html`<li class=${k.kid === h['kid'] ? 'hit' : ''}><span title=${k.kid ?? ''}>${(k.kid ?? '').slice(0, 12)}</span><span class="muted">${k.alg ?? k.kty}${k.use ? `, ${k.use}` : ''}</span><span class="cap">${k.kid === h['kid'] ? say('token.kidMatches') : nothing}</span></li>`)}</ul></div>
      ${canVerify() ? this.computed(set, String(h['alg'])) : html`<p class="soft">${this.filed ? say('token.cannotHere') : say('token.cannot', { result: this.servers() })}</p>`}`;
  }

  private computed(set: KeySet, alg: string) {
    if (!this.steps) return html`<p><button class="btn do" @click=${() => void this.compute(set)}>${say('token.check')}</button></p>`;
    const valid = this.steps.length === 3 && this.steps.every((s) => s.held);
    return html`<div class="sum-v" role="status"><span class="ok-disc ${valid ? '' : 'not'}">${valid ? check : tick('fail')}</span><div><b>${say(valid ? 'token.valid' : 'token.invalid')}</b><br /><span class="soft">${say(valid ? 'token.validWhat' : 'token.invalidWhat')}</span></div></div>
      <ol class="trace">${this.steps.map((s) => html`<li class=${s.held ? '' : 'no'}><span class="v">${tick(s.held ? 'pass' : 'fail')}</span><span class="name">${said(`token.step.${s.what}`, { alg })}</span><span class="ref"></span></li>`)}</ol>`;
  }

  private servers(): string {
    const s = this.event.token!.signature;
    return s?.verified ? say('token.serverVerified') : say('token.serverNot', { why: s?.problem ?? '' });
  }

  // judged is what those who received the token checked, as it was recorded.
  private judged(kind: string): TemplateResult {
    const tag = this.event.token!.tag;
    const about = (v: Verdict) => judges[kind]?.test(v.check) ?? false;
    const rows = this.rows.filter((r) => (r.answer?.verdicts ?? []).some(about) && (kind === 'id_token' ? this.within(r) : tagsIn(r.request).includes(tag)));
    const row = rows.at(-1);
    if (!row) return html`<p class="cap">${say('token.unjudged')}</p>`;
    return html`<h4 class="h-sm">${this.to(row, say('token.judged', { actor: actor(row.request.to!), n: row.n }))}</h4>
      <ol class="trace">${row.answer!.verdicts!.filter(about).map((v) => html`<li class=${v.outcome === 'fail' ? (v.mode === 'enforce' ? 'no' : 'would') : v.outcome === 'off' ? 'notrun' : ''}><span class="v">${tick(v.outcome)}</span><span class="name">${v.check}</span>${this.section(v.spec)}${v.actual ? html`<span class="why">${v.actual}</span>` : nothing}</li>`)}</ol>`;
  }

  // within tells whether a token came while a request was open: who asked for it there, checked it there.
  private within(r: Row): boolean {
    return r.request.seq < this.event.seq && (r.answer?.seq ?? 0) > this.event.seq;
  }

  private section(ref: string) {
    const url = specUrl(ref);
    return url ? html`<a class="ref" href=${url} rel="noreferrer">${ref}</a>` : html`<span class="ref">${ref}</span>`;
  }

  private async compute(set: KeySet) {
    this.steps = await verify(this.text, set);
  }

  private alter() {
    this.changed = !this.changed;
    this.steps = undefined;
  }

  private async copy() {
    this.copied = (await copied(this.text)) || this.copied;
  }

  // to leads to an exchange, where the record is at hand.
  private to(row: Row, text: string, cls = '') {
    return this.alone ? html`<span class=${cls}>${text}</span>` : html`<a class=${cls} href="#${row.id}" @click=${(e: MouseEvent) => this.pick(e, row)}>${text}</a>`;
  }

  private pick(e: MouseEvent, row: Row) {
    e.preventDefault();
    this.close();
    this.dispatchEvent(new CustomEvent('pick', { detail: row.id, bubbles: true }));
  }

  private close() {
    this.dispatchEvent(new CustomEvent('closetoken', { bubbles: true }));
  }
}
customElements.define('pg-token', Token);
