// pg-workbench: an issuer for an app outside, what the app sends, and what the record says of it. The sandbox, and the client that was
// registered for the app, are kept for this browser: a reload loses neither.
import { html, nothing, render, type TemplateResult } from 'lit';
import { Problem, remembered, Sandbox } from './api';
import { config, forms, type Client, type Form } from './config';
import { copied } from './copy';
import { findings, type Finding } from './findings';
import { keep, kept } from './kept';
import { tick } from './parts';
import { Record } from './record';
import { save } from './save';
import { Stream } from './stream';
import { said, say } from './strings';
import type { User, View } from './wire.gen';

const name = 'workbench';
const shownGood = 4; // the rest of what is good stands behind a button

// Bench is kept beside the sandbox.
interface Bench {
  id: string; // of the sandbox
  users: User[];
  client?: Client; // registered from this page
}

export class Workbench extends HTMLElement {
  private record!: Record;
  private sandbox?: Sandbox;
  private stream?: Stream;
  private bench?: Bench;
  private seeded?: Client;
  private view?: View;
  private problem = '';
  private refused = ''; // why a redirect URI was not registered
  private told = ''; // what was copied, for a screen reader
  private link = '';
  private form: Form = '.env';
  private busy = false;
  private drawing = 0;
  private panel = document.createElement('div');

  connectedCallback() {
    this.panel.className = 'stepper';
    this.querySelector('.steps')!.append(this.panel);
    this.record = new Record(this.querySelector<HTMLElement>('.evidence')!, {
      policy: (p) => void this.act((s) => s.policy(p)),
      advance: (by) => void this.act((s) => s.advance(by)),
    });
    this.querySelector('.found')!.replaceChildren();
    this.record.empty = say('workbench.empty');
    this.record.draw();
    const known = remembered.get(name);
    if (known) void this.attach(known);
    this.draw();
    for (const part of this.querySelectorAll('.mid, .findings')) part.replaceWith(part); // on a phone they stand elsewhere now: they come anew, rather than jump
  }

  private async act(what: (s: Sandbox) => Promise<View>) {
    if (!this.sandbox || this.busy) return;
    this.busy = true;
    this.problem = '';
    try {
      this.took(await what(this.sandbox));
    } catch (e) {
      if (e instanceof Problem && e.status === 404) this.gone();
      else this.problem = (e as Error).message;
    }
    this.busy = false;
    this.draw();
  }

  private async make(login: string) {
    if (this.busy) return;
    this.busy = true;
    this.problem = '';
    try {
      const c = await Sandbox.create({ kind: name, login });
      const s = new Sandbox(c.id, c.key);
      remembered.set(name, s);
      keep('bench', { id: c.id, users: c.users } satisfies Bench);
      this.record.clear();
      await this.attach(s);
    } catch (e) {
      this.problem = (e as Error).message;
    }
    this.busy = false;
    this.draw();
  }

  private async attach(s: Sandbox) {
    this.sandbox = this.record.sandbox = s;
    const bench = kept<Bench>('bench');
    this.bench = bench?.id === s.id ? bench : { id: s.id, users: [] };
    this.stream = new Stream(s, {
      event: (e) => {
        this.record.take(e);
        this.soon();
      },
      fresh: () => {
        this.record.clear();
        this.record.draw();
        void this.look();
      },
      gap: () => (this.record.note = say('page.gap')),
      state: (state) => {
        this.link = state;
        this.record.state = state === 'lost' ? 'lost' : 'live';
        this.record.retry = () => this.stream?.retry();
        this.record.draw();
        this.draw();
      },
      gone: () => this.gone(),
    });
    await this.look();
  }

  // look asks how things stand, and for the client that the sandbox began with.
  private async look() {
    const s = this.sandbox;
    if (!s) return;
    try {
      const [view, clients] = await Promise.all([s.view(), s.clients()]);
      this.seeded = clients[0] as unknown as Client;
      if (s === this.sandbox) this.took(view);
    } catch (e) {
      if (e instanceof Problem && (e.status === 404 || e.status === 401)) this.gone();
      else this.problem = (e as Error).message;
      this.draw();
    }
  }

  // gone: the sandbox has ended, and with it its issuer. Another one would be another issuer, so the app's owner is asked.
  private gone() {
    if (!this.sandbox) return;
    this.stream?.close();
    remembered.set(name, undefined);
    keep('bench', undefined);
    this.sandbox = this.stream = this.view = this.bench = this.seeded = this.record.sandbox = this.record.view = undefined;
    this.problem = say('workbench.gone');
    this.record.state = 'live';
    this.record.draw();
    this.draw();
  }

  private took(v: View) {
    this.view = this.record.view = v;
    this.record.empty = say('workbench.waiting');
    this.record.draw();
    this.draw();
  }

  private soon() {
    this.drawing ||= requestAnimationFrame(() => this.draw());
  }

  private async register(e: SubmitEvent) {
    e.preventDefault();
    const s = this.sandbox;
    const uri = (e.target as HTMLFormElement).querySelector('input')!.value.trim();
    if (!s || this.busy) return;
    this.refused = '';
    try {
      const res = await fetch(`/s/${s.id}/as/register`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ client_name: 'My app', redirect_uris: [uri], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'client_secret_basic' }),
      });
      const answer = (await res.json()) as Client & { error_description?: string };
      if (res.ok) {
        this.bench = { ...this.bench!, client: { client_id: answer.client_id, client_secret: answer.client_secret, redirect_uris: answer.redirect_uris } };
        keep('bench', this.bench);
        this.told = say('workbench.registered', { id: answer.client_id });
      } else {
        this.refused = say('workbench.notRegistered', { why: answer.error_description ?? String(res.status) });
      }
    } catch {
      this.refused = say('page.fail');
    }
    this.draw();
  }

  private async copy(text: string, what: string) {
    this.told = (await copied(text)) ? say('workbench.copied', { what }) : say('workbench.notCopied');
    this.draw();
  }

  private clear() {
    this.record.clear();
    this.record.draw();
    this.draw();
  }

  // Drawing

  private draw() {
    this.drawing = 0;
    const v = this.view;
    this.toggleAttribute('data-live', v !== undefined);
    render(html`${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}${v ? this.setup(v) : this.sandbox ? html`<p class="cap">${say('page.connecting')}</p>` : this.start()}<p class="sr" role="status">${this.told}</p>`, this.panel);
    this.drawFindings();
    this.drawStatus();
  }

  private start() {
    return html`<p class="row wrap"><button class="btn do big" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => void this.make('form')}>${say('workbench.start')}</button><button class="btn big" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => void this.make('auto')}>${say('workbench.start')}, ${say('workbench.auto')}</button></p>`;
  }

  private setup(v: View) {
    const client = this.bench?.client ?? this.seeded;
    const copy = (text: string, what: string, label: TemplateResult | string = '') => html`<button type="button" class="btn sm" aria-label=${say('workbench.copy', { what })} @click=${() => void this.copy(text, what)}>${copyIcon}${label}</button>`;
    const on = this.switchable(v).filter((c) => v.policy[c.id] === 'enforce').length;
    return html`<p class="soft how">${on === this.switchable(v).length ? say('workbench.enforced') : on ? say('workbench.mixed', { n: this.switchable(v).length - on }) : say('workbench.observed')}</p>
      <div class="copy"><dl class="kv"><dt class="h-sm">${say('workbench.issuer')}</dt><dd class="mono fld" tabindex="0">${v.issuer}</dd></dl>${copy(v.issuer, say('workbench.issuer'))}</div>
      ${client ? this.configuration(v, client, copy) : nothing}
      <form class="redirect" @submit=${(e: SubmitEvent) => void this.register(e)}><label class="h-sm" for="wb-uri">${say('workbench.redirect')}</label>
        <span class="copy"><input id="wb-uri" class="fld mono" type="url" required spellcheck="false" autocomplete="off" .value=${client?.redirect_uris[0] ?? ''} aria-describedby="wb-why" /><button class="btn sm">${say('workbench.register')}</button></span>
        ${this.refused ? html`<span class="problem" role="alert">${this.refused}</span>` : nothing}<span class="cap" id="wb-why">${say('workbench.registerWhy')}</span></form>
      ${this.bench?.users.length ? html`<div><h2 class="h-sm">${say('workbench.users')}</h2><dl class="kv mono">${this.bench.users.map((u) => html`<dt>${u.username}</dt><dd>${u.password}</dd>`)}</dl></div>` : nothing}
      <div><h2 class="h-sm">${say('workbench.harder')}</h2><p class="row wrap"><button class="btn sm" @click=${() => void this.act((s) => s.advance('10m'))}>${clockIcon}+10 min</button><button class="btn sm" @click=${() => void this.act((s) => s.advance('1h'))}>+1 h</button></p>
        ${this.setting(v, 'short', { 'as.access-token-lifetime': '10s', 'as.id-token-lifetime': '10s' }, { 'as.access-token-lifetime': '10m', 'as.id-token-lifetime': '10m' })}
        ${this.setting(v, 'quick', { 'as.code-lifetime': '1s' }, { 'as.code-lifetime': '60s' })}
        ${this.setting(v, 'silent', { 'as.login': 'auto', 'as.consent': 'skip' }, { 'as.login': 'form', 'as.consent': 'ask' })}</div>
      <p class="safe">${lockIcon}<span><b>${say('workbench.practice')}</b> ${say('workbench.practiceWhy')}</span></p>`;
  }

  private configuration(v: View, client: Client, copy: (text: string, what: string, label: string) => TemplateResult) {
    const text = config(this.form, v.issuer, client);
    const pick = (f: Form) => {
      this.form = f;
      this.draw();
    };
    return html`<div><div class="row spread"><h2 class="h-sm" id="wb-cfg">${say('workbench.configuration')}</h2><span class="seg sm" role="radiogroup" aria-labelledby="wb-cfg">${forms.map((f) => html`<label><input type="radio" name="cfg" .checked=${f === this.form} @change=${() => pick(f)} />${f}</label>`)}</span></div>
      <div class="cfg"><pre class="http" tabindex="0" role="region" aria-labelledby="wb-cfg">${this.form === '.env' ? text.split('\n').map((l, i) => html`${i ? '\n' : ''}<span class="k">${l.slice(0, l.indexOf('=') + 1)}</span>${l.slice(l.indexOf('=') + 1)}`) : text}</pre>${copy(text, say('workbench.configuration'), say('workbench.copyShort'))}</div></div>`;
  }

  private setting(v: View, key: string, hard: { [id: string]: string }, easy: { [id: string]: string }) {
    const on = Object.entries(hard).every(([id, value]) => v.settings[id] === value);
    return html`<label class="row set"><input type="checkbox" .checked=${on} @change=${() => void this.act((s) => s.settings(on ? easy : hard))} /><span>${said(`workbench.set.${key}`)}</span></label>`;
  }

  // switchable are the checks of the authorization server and its API that can be on enforce or observe.
  private switchable = (v: View) => v.checks.filter((c) => !c.id.startsWith('client.') && c.modes.includes('enforce') && c.modes.includes('observe'));

  private drawFindings() {
    const v = this.view;
    const all = v ? findings(this.record.rows(), v.checks) : [];
    const of = (level: string) => all.filter((f) => f.level === level);
    const good = of('good');
    const on = v && this.switchable(v).every((c) => v.policy[c.id] === 'enforce');
    const set = (mode: string) => void this.act((s) => s.policy(Object.fromEntries(this.switchable(this.view!).map((c) => [c.id, mode]))));
    render(
      html`${all.length ? html`<p class="soft">${say('workbench.count', { must: of('must').length, should: of('should').length, good: good.length })}</p>` : html`<p class="soft">${say('workbench.noFindings')}</p>`}
        <ol>${[...of('must'), ...of('should'), ...good.slice(0, shownGood)].map((f) => this.finding(f))}</ol>
        ${good.length > shownGood ? html`<details class="more"><summary>${say('workbench.more', { n: good.length - shownGood })}</summary><ol>${good.slice(shownGood).map((f) => this.finding(f))}</ol></details>` : nothing}
        ${v ? html`<footer><button class="btn ${on ? '' : 'do'}" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => set(on ? 'observe' : 'enforce')}>${lockIcon}${say(on ? 'workbench.observeAll' : 'workbench.enforceAll')}</button></footer>` : nothing}`,
      this.querySelector<HTMLElement>('.found')!,
    );
  }

  private finding(f: Finding) {
    const refs = f.rows.slice(-4).map((r) => html` <a class="x-ref" href="#${r.id}" @click=${(e: MouseEvent) => (e.preventDefault(), void this.record.select(r.id))}>${r.n}</a>`);
    const came = f.level === 'good' ? nothing : html`<p class="soft">${f.last.expected ? html`${say('workbench.expected')} <code>${f.last.expected}</code>. ` : nothing}${f.last.actual ? html`${say('workbench.came')} <code>${f.last.actual}</code>. ` : nothing}${say('workbench.in')}${refs}</p>`;
    return html`<li class="f ${f.level}"><span class="v">${marks[f.level]}</span><div><p class="ft"><b>${f.title}</b><span class="ref">${f.spec}</span></p>${came}<p class="cap mono">${f.check}</p></div></li>`;
  }

  private drawStatus() {
    const status = document.getElementById('status')!;
    const rows = this.record.rows();
    const live = this.link === 'live';
    render(
      this.sandbox
        ? html`<span class="live ${live ? '' : 'off'}">${live ? say('workbench.listening', { n: rows.length }) : this.link === 'lost' ? say('workbench.away') : say('page.connecting')}</span>
            <button class="btn sm plain" aria-disabled=${rows.length ? nothing : 'true'} @click=${() => this.clear()}>${say('workbench.clear')}</button>
            <button class="btn sm" aria-disabled=${rows.length ? nothing : 'true'} @click=${() => void (rows.length && this.saveRun())}>${saveIcon}${say('workbench.save')}</button>`
        : nothing,
      status,
    );
  }

  private async saveRun() {
    try {
      await save('ndjson', { events: this.record.events, sandbox: this.sandbox });
    } catch (e) {
      this.problem = (e as Error).message;
      this.draw();
    }
  }
}
customElements.define('pg-workbench', Workbench);

const icon = (d: string) => html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d=${d} /></svg>`;
const copyIcon = icon('M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3');
const saveIcon = icon('M8 2.5v7.5m-3-3 3 3 3-3M3 13.5h10');
const lockIcon = icon('M4 7.5h8V13H4zM5.8 7.5V5.3a2.2 2.2 0 0 1 4.4 0v2.2');
const clockIcon = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.7" /><path d="M8 4.8V8l2.2 1.6" /></svg>`;
const bar = (d: string, label: string) => html`<svg class="i bold" viewBox="0 0 16 16" role="img" aria-label=${label}><path d=${d} /></svg>`;
const marks = { must: bar('M8 2v12', say('workbench.must')), should: bar('M8 2v2.4m0 2.4v2.4m0 2.4V14', say('workbench.should')), good: tick('pass') };
