// projector-wire.ts: the room's wire: every request of the lesson that the room is in, one mark for each learner whose last one it is.
import { html, nothing } from 'lit';
import { glyph, tone } from './parts';
import { lanesOf, marks, perMark, stretch } from './projector-model';
import type { Tally, WireCount } from './room-messages';
import { actor, say } from './strings';

const rows = 9; // what can be read from the back

export function roomsWire(t: Tally, number: string) {
  const wire = stretch(t.wire, rows);
  if (!wire.length) return html`<h2>${say('room.wire')}</h2><p class="leg">${say('room.wireEmpty')}</p>`;
  const lanes = lanesOf(wire);
  const x = (a: string) => (lanes.length < 2 ? 50 : 6 + (88 * lanes.indexOf(a)) / (lanes.length - 1));
  const y = (i: number) => (100 * (i + 0.55)) / wire.length;
  const each = perMark(wire);
  return html`<h2>${say('room.wire')} <span class="muted">${number ? say('room.wireOf', { number }) : ''}</span><span class="got">${say('room.haveSent')}</span></h2>
    <div class="cw ${lanes.length > 4 ? 'full' : ''}" role="img" aria-label=${said(wire, t.here)}>
      ${lanes.map((a) => html`<span class="ll ${tone(a)}" data-vars="--x:${x(a)}"><span>${glyph(a)}<span>${actor(a)}</span></span></span>`)}
      <div class="cwb">${wire.map((w, i) => line(w, x(w.from), x(w.to), y(i), each))}</div></div>
    <p class="leg">${each > 1 ? say('room.marksMany', { n: each }) : say('room.marks')} ${t.wire.length > wire.length ? say('room.partOfWire', { n: wire.length, all: t.wire.length }) : ''}</p>`;
}

const said = (wire: WireCount[], here: number) => say('room.wireSaid', { n: here, list: wire.map((w) => say(w.refused ? 'room.wireSentRefused' : 'room.wireSent', { n: w.sent, what: `${w.method} ${w.path}`, refused: w.refused })).join(', ') });

function line(w: WireCount, from: number, to: number, y: number, each: number) {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const at = (part: number) => from + (to - from) * part;
  const jam = to + (to > from ? -0.9 : 0.9);
  return html`<span class="ln2 ${tone(w.from)} ${to < from ? 'rev' : ''}" data-vars="--x:${low};--w:${high - low};--y:${y}"><b class="mono">${w.method} ${w.path}</b></span>
    ${marks(Math.ceil(w.last / each), w.refused > 0).map((m) => html`<span class="tok-d ${tone(w.from)}" data-vars="--x:${at(m)};--y:${y}">${glyph(w.from)}</span>`)}
    ${w.refused ? html`<span class="jam" data-vars="--x:${jam};--y:${y}"></span>` : nothing}
    <span class="cnt" data-vars="--y:${y}"><b>${w.sent}</b>${w.refused ? html`<i class="stopped">${say('room.refused', { n: w.refused })}</i>` : nothing}</span>`;
}
