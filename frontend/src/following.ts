// following.ts: a value that is followed: where it was made, where it was seen, and the way from one place to the next.
import { html, nothing } from 'lit';
import type { Row } from './model';
import { say } from './strings';

// following draws the way of a tag through the rows that carry it. The selected one is where one stands.
export function following(tag: string, rows: Row[], selected: string, go: (id: string) => void, stop: () => void) {
  const at = rows.findIndex((r) => r.id === selected);
  const to = (r: Row) => html`<a class="x-ref" href="#${r.id}" @click=${(e: MouseEvent) => (e.preventDefault(), go(r.id))}>${r.n}</a>`;
  const step = (row: Row | undefined, label: 'wire.earlier' | 'wire.later', sign: string) => html`<button class="btn sm plain" aria-label=${say(label, { tag })} aria-disabled=${row ? nothing : 'true'} @click=${() => row && go(row.id)}>${sign}</button>`;
  const [first, ...rest] = rows;
  const all = (list: Row[]) => new Intl.ListFormat('en').formatToParts(list.map((r) => r.id)).map((p) => (p.type === 'element' ? to(list.find((r) => r.id === p.value)!) : p.value));
  const places = first ? html`<span class="cap">${say('wire.madeIn')} ${to(first)}${rest.length ? html`, ${say('wire.seenIn')} ${all(rest)}` : nothing}</span>` : nothing;
  return html`<span class="row wrap" role="group" aria-label=${say('wire.carriedBy', { tag })}><span class="cap">${say('wire.follow')}</span><span class="chip on">${tag}</span>${places}${step(rows[at - 1], 'wire.earlier', '‹')}${step(rows[at + 1], 'wire.later', '›')}<button class="btn sm plain" @click=${stop}>${say('wire.stopFollow')}</button></span>`;
}
