// record.ts: the right side of a page: the record as a diagram with its inspector, and what is selected and followed in it.
import { html, nothing, render } from 'lit';
import type { Event, View } from './wire.gen';
import { single } from './keys';
import { items, refersTo, seenIn, valuesOf, type Item, type Row } from './model';
import { say } from './strings';
import type { Exchange } from './exchange';
import type { Wire } from './wire';

// narrow tells whether the parts of the page stand below each other.
export const narrow = () => window.matchMedia('(max-width: 69.99rem)').matches;

// Acts are what can be done to the world from above the wire.
export interface Acts {
  policy(p: { [id: string]: string }): void;
  advance(by: string): void;
}

export class Record {
  events: Event[] = [];
  recorded = false; // what is shown is an example, not the learner's own run
  empty: string = say('wire.nothingSent'); // what stands in place of a wire without anything on it
  note = ''; // a sentence above the wire
  showPolicy = false;
  view?: View;
  private list: Item[] = [];
  private selected = '';
  private followed = '';
  private said = new Set<string>(); // exchanges that were announced
  private waiting = 0;
  private live: HTMLElement;

  constructor(private host: HTMLElement, private acts: Acts) {
    this.live = document.createElement('p');
    this.live.className = 'sr';
    this.live.setAttribute('aria-live', 'polite');
    host.append(this.live);
    // Where the checks stand below the wire, a press leads to them.
    host.addEventListener('pick', (e) => void this.select((e as CustomEvent<string>).detail, narrow()));
    host.addEventListener('policy', (e) => this.acts.policy((e as CustomEvent<{ [id: string]: string }>).detail));
    document.addEventListener('keydown', (e) => this.key(e));
    document.addEventListener('click', (e) => this.click(e));
  }

  // take adds events of the stream, and draws once for all that come together.
  take(e: Event) {
    if (this.recorded) this.clear();
    this.events.push(e);
    if (!this.waiting) this.waiting = requestAnimationFrame(() => this.draw());
  }

  clear() {
    this.events = [];
    this.recorded = false;
    this.selected = this.followed = '';
    this.said.clear();
  }

  rows = () => this.list.filter((i): i is Row => i.kind === 'row');

  draw() {
    this.waiting = 0;
    const run = this.events.at(-1)?.run ?? 1;
    const events = this.events.filter((e) => e.run === run);
    this.list = items(events);
    const rows = this.rows();
    if (!rows.some((r) => r.id === this.selected)) this.selected = '';
    const selected = rows.find((r) => r.id === this.selected);
    const used = new Set(events.flatMap((e) => (e.verdicts ?? []).map((v) => v.check)));
    const before = this.host.querySelector('pg-wire');
    const atEnd = !before || before.scrollTop + before.clientHeight >= before.scrollHeight - 8;
    render(
      html`${this.view ? this.tools(this.view) : nothing}
        ${this.note ? html`<div class="strip warn" role="status">${this.note}</div>` : nothing}
        ${this.recorded ? html`<div class="strip"><span class="cap">${say('wire.recorded')}</span></div>` : nothing}
        ${this.showPolicy ? html`<pg-policy .view=${this.view} .used=${used}></pg-policy>` : nothing}
        ${this.list.length ? this.wire(selected, events) : html`<p class="empty">${this.empty}</p>`}`,
      this.host,
    );
    if (atEnd && !this.recorded && !selected) void this.toEnd();
    this.announce(rows);
    for (const el of document.querySelectorAll<HTMLElement>('.hands .val[data-tag]')) el.classList.toggle('on', el.dataset['tag'] === this.followed);
  }

  private wire(selected: Row | undefined, events: Event[]) {
    const seen = this.followed ? seenIn(this.list, this.followed) : [];
    return html`<pg-wire tabindex="0" role="region" aria-label=${say('wire.wire')} .items=${this.list} .selected=${this.selected} .followed=${this.followed}></pg-wire>
        ${this.followed
          ? html`<div class="strip bottom"><span class="cap">${say('wire.follow')}</span><span class="chip on">${this.followed}</span><span class="cap">${seen.length ? say(seen.length > 1 ? 'wire.madeInAndSeenIn' : 'wire.madeIn', { first: seen[0]!, rest: seen.slice(1).join(', ') }) : ''}</span><button class="btn sm plain" @click=${() => this.follow('')}>${say('wire.stopFollow')}</button></div>`
          : nothing}
        <pg-exchange id="checks" class="insp" .row=${selected} .values=${valuesOf(events)} .followed=${this.followed}></pg-exchange>`;
  }

  // toEnd keeps the newest exchange in sight of those who were there already.
  private async toEnd() {
    const wire = this.host.querySelector<Wire>('pg-wire');
    if (!wire) return;
    await wire.updateComplete;
    wire.scrollTop = wire.scrollHeight;
  }

  private tools(v: View) {
    return html`<div class="tools"><span class="cap">${say('wire.now')}</span><output class="mono">${v.now.slice(11, 16)}</output>
      <button class="btn sm plain" @click=${() => this.acts.advance('10m')}>${say('wire.tenMinutes')}</button><button class="btn sm plain" @click=${() => this.acts.advance('1h')}>${say('wire.oneHour')}</button>
      <button class="btn sm end" aria-expanded=${this.showPolicy} @click=${() => this.toggle()}>${say('wire.protections')}</button></div>`;
  }

  private toggle() {
    this.showPolicy = !this.showPolicy && this.view !== undefined;
    this.draw();
  }

  // announce says new exchanges once they are answered; many at a time are summed.
  private announce(rows: Row[]) {
    if (this.recorded) return;
    const fresh = rows.filter((r) => r.answer && !this.said.has(r.id));
    if (!fresh.length) return;
    for (const r of fresh) this.said.add(r.id);
    this.live.textContent =
      fresh.length > 3 ? say('wire.newEvents', { n: fresh.length }) : fresh.map((r) => say('wire.exchange', { n: r.n, what: `${r.request.request!.method} ${r.path}`, status: r.answer!.response!.status })).join('. ');
  }

  // select shows an exchange. Its row is kept in sight once the inspector has taken its place.
  async select(id: string, lead = false) {
    this.selected = id;
    this.draw();
    const inspector = this.host.querySelector<Exchange>('pg-exchange');
    if (!inspector) return;
    await inspector.updateComplete;
    if (lead) inspector.scrollIntoView({ block: 'start' });
    else document.getElementById(id)?.scrollIntoView({ block: 'nearest' });
  }

  follow(tag: string) {
    this.followed = tag;
    this.draw();
  }

  private click(e: MouseEvent) {
    const target = e.target as Element;
    const ref = target.closest<HTMLElement>('a[data-ref]');
    if (ref) {
      e.preventDefault();
      const row = refersTo(this.list, ref.dataset['ref']!);
      if (row) void this.select(row.id);
      return;
    }
    const tag = target.closest<HTMLElement>('.val[data-tag]')?.dataset['tag'];
    if (tag) this.follow(tag === this.followed ? '' : tag);
  }

  private key(e: KeyboardEvent) {
    if (e.defaultPrevented) return;
    const inWire = (e.target as Element).closest('pg-wire') !== null;
    const moves: { [key: string]: boolean } = { ArrowDown: inWire, ArrowUp: inWire, Home: inWire, End: inWire };
    if (!(moves[e.key] || single(e)) || e.ctrlKey || e.metaKey || e.altKey) return;
    const rows = this.rows();
    const at = rows.findIndex((r) => r.id === this.selected);
    const go = (i: number) => {
      const r = rows[Math.max(0, Math.min(rows.length - 1, i))];
      if (r) void this.select(r.id);
      e.preventDefault();
    };
    switch (e.key) {
      case 'j':
        return go(at + 1);
      case 'k':
        return go(at < 0 ? rows.length - 1 : at - 1);
      case 'ArrowDown':
        return inWire ? go(at + 1) : undefined;
      case 'ArrowUp':
        return inWire ? go(at < 0 ? rows.length - 1 : at - 1) : undefined;
      case 'Home':
        return inWire ? go(0) : undefined;
      case 'End':
        return inWire ? go(rows.length - 1) : undefined;
      case 'f': {
        const tag = rows[at]?.tags[0];
        if (tag) this.follow(tag === this.followed ? '' : tag);
        return;
      }
      case 'p':
        return this.toggle();
    }
  }
}
