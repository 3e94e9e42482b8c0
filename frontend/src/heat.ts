// pg-heat: which misconceptions the room has, as the share of answers that fell for them, and what to try next.
// Properties in: heat, voting (a vote is not revealed yet, and so is not among the answers).
import { html, nothing } from 'lit';
import { Light } from './parts';
import type { Heat, HeatCell } from './room-messages';
import { said, say } from './strings';

const most = 8; // rows that are shown at once

export class HeatMap extends Light {
  static properties = { heat: { attribute: false }, voting: { attribute: false }, whole: { state: true } };
  declare heat?: Heat;
  declare voting: boolean;
  declare whole: boolean;

  constructor() {
    super();
    this.voting = this.whole = false;
  }

  render() {
    const h = this.heat;
    const rows = h?.rows ?? [];
    const columns = h?.columns.map((_, i) => i).filter((i) => rows.some((r) => r.cells[i])) ?? []; // those in which anybody was asked
    const shown = this.whole ? rows : rows.slice(0, most);
    return html`<header class="row spread wrap"><h2 id="hh" class="h-sm">${say('room.misconceptions')}</h2><span class="cap">${say(this.voting ? 'room.heatVoting' : 'room.heatWhy')}</span></header>
      ${h && rows.length
        ? html`<div class="scroll"><table class="heat" aria-labelledby="hh"><thead><tr><th scope="col" colspan="2"><span class="sr">${say('room.misconception')}</span></th>${columns.map((i) => html`<th scope="col">${said(`room.heat.${h.columns[i]!}`) ?? h.columns[i]!}</th>`)}<th scope="col">${say('room.tryNext')}</th></tr></thead>
          <tbody>${shown.map((r) => html`<tr><td class="ref">${r.id}</td><th scope="row">${r.belief}</th>${columns.map((i) => this.cell(r.cells[i] ?? null))}<td>${r.next ? html`<a href="/lessons/${r.next.lesson}#${r.next.step}" target="_blank">${r.next.title}</a>` : nothing}</td></tr>`)}</tbody></table></div>
          ${rows.length > most ? html`<button class="btn sm plain" aria-expanded=${this.whole} @click=${() => (this.whole = !this.whole)}>${this.whole ? say('room.fewer') : say('room.more', { n: rows.length - most })}</button>` : nothing}`
        : html`<p class="soft">${say('room.noHeat')}</p>`}`;
  }

  private cell(c: HeatCell | null) {
    if (!c || !c.of) return html`<td class="h none"></td>`;
    const share = Math.round((100 * c.n) / c.of);
    return html`<td class="h ${share >= 50 ? 'much' : ''}" data-vars="--v:${share}">${share}<span class="sr"> ${say('room.heatCell', { n: c.n, of: c.of })}</span></td>`;
  }
}
customElements.define('pg-heat', HeatMap);
