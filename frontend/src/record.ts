// record.ts: the right side of a page: the record as a diagram with its inspector, and what is selected and followed in it.
import { html, nothing, render } from 'lit';
import type { Event, View } from './wire.gen';
import { items, refersTo, seenIn, valuesOf, type Item, type Row } from './model';
import { say } from './strings';

export class Record {
  events: Event[] = [];
  recorded = false; // what is shown is an example, not the learner's own run
  note = ''; // a sentence above the wire
  showPolicy = false;
  view?: View;
  private list: Item[] = [];
  private selected = '';
  private followed = '';
  private said = 0;
  private waiting = 0;
  private live: HTMLElement;

  constructor(private host: HTMLElement, private onPolicy: (p: { [id: string]: string }) => void) {
    this.live = document.createElement('p');
    this.live.className = 'sr';
    this.live.setAttribute('aria-live', 'polite');
    host.addEventListener('pick', (e) => this.select((e as CustomEvent<string>).detail));
    host.addEventListener('policy', (e) => this.onPolicy((e as CustomEvent<{ [id: string]: string }>).detail));
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
    this.said = 0;
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
    const seen = this.followed ? seenIn(this.list, this.followed) : [];
    const used = new Set(events.flatMap((e) => (e.verdicts ?? []).map((v) => v.check)));
    render(
      html`${this.note ? html`<div class="strip warn" role="status">${this.note}</div>` : nothing}
        ${this.recorded ? html`<div class="strip"><span class="cap">${say.recorded}</span></div>` : nothing}
        ${this.showPolicy ? html`<pg-policy .view=${this.view} .used=${used}></pg-policy>` : nothing}
        <pg-wire tabindex="0" role="region" aria-label=${say.wire} .items=${this.list} .selected=${this.selected} .followed=${this.followed}></pg-wire>
        ${this.followed
          ? html`<div class="strip bottom"><span class="cap">${say.follow('')}</span><span class="chip on">${this.followed}</span><span class="cap">${seen.length ? say.madeIn(seen[0]!, seen.slice(1)) : ''}</span><button class="btn sm plain" @click=${() => this.follow('')}>${say.stopFollow}</button></div>`
          : nothing}
        <pg-exchange class="insp" .row=${selected} .values=${valuesOf(events)} .followed=${this.followed}></pg-exchange>`,
      this.host,
    );
    this.host.append(this.live);
    this.announce(rows);
    for (const el of document.querySelectorAll<HTMLElement>('.hands .val[data-tag]')) el.classList.toggle('on', el.dataset['tag'] === this.followed);
  }

  // announce says new exchanges once they are answered; many at a time are summed.
  private announce(rows: Row[]) {
    if (this.recorded) return;
    const fresh = rows.filter((r) => r.answer && r.n > this.said);
    if (!fresh.length) return;
    this.said = Math.max(...fresh.map((r) => r.n));
    this.live.textContent =
      fresh.length > 3 ? say.newEvents(fresh.length) : fresh.map((r) => say.exchange(r.n, `${r.request.request!.method} ${r.path}`, String(r.answer!.response!.status))).join('. ');
  }

  select(id: string) {
    this.selected = id;
    this.draw();
    document.getElementById(id)?.scrollIntoView({ block: 'nearest' });
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
      if (row) this.select(row.id);
      return;
    }
    const tag = target.closest<HTMLElement>('.val[data-tag]')?.dataset['tag'];
    if (tag) this.follow(tag === this.followed ? '' : tag);
  }

  private key(e: KeyboardEvent) {
    if ((e.target as Element).closest('input, textarea, select, dialog') || e.ctrlKey || e.metaKey || e.altKey) return;
    const rows = this.rows();
    const at = rows.findIndex((r) => r.id === this.selected);
    const go = (i: number) => {
      const r = rows[Math.max(0, Math.min(rows.length - 1, i))];
      if (r) this.select(r.id);
      e.preventDefault();
    };
    switch (e.key) {
      case 'j':
        return go(at + 1);
      case 'k':
        return go(at < 0 ? rows.length - 1 : at - 1);
      case 'f': {
        const tag = rows[at]?.tags[0];
        if (tag) this.follow(tag === this.followed ? '' : tag);
        return;
      }
      case 'p':
        this.showPolicy = !this.showPolicy;
        return this.draw();
    }
  }
}
