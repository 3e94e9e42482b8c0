// projector-model.ts: the room's wire as a screen has place for it. Pure: no DOM.
import type { WireCount } from './room-messages';

// stretch is the part of the wire where most of the room is, as many requests as there is place for. The first wins a tie.
export function stretch(wire: WireCount[], size: number): WireCount[] {
  if (wire.length <= size) return wire;
  let best = 0;
  let most = -1;
  for (let i = 0; i + size <= wire.length; i++) {
    const there = wire.slice(i, i + size).reduce((sum, w) => sum + w.last, 0);
    if (there > most) [best, most] = [i, there];
  }
  return wire.slice(best, best + size);
}

const order = ['browser', 'phone', 'client', 'outside', 'as', 'api', 'spa', 'attacker-browser', 'attacker'];

// lanesOf are the actors that take part, in their order.
export const lanesOf = (wire: WireCount[]): string[] => order.filter((a) => wire.some((w) => w.from === a || w.to === a));

// perMark is how many learners one mark stands for, so that no line has more of them than can be told apart.
export const perMark = (wire: WireCount[], most = 30): number => Math.max(1, Math.ceil(Math.max(0, ...wire.map((w) => w.last)) / most));

// marks are places on a line between 0 and 1. The same one always has the same place: a mark that comes leaves the others where they are.
export function marks(n: number, refused = false): number[] {
  const golden = 0.618034; // each new mark falls into the largest gap that is left
  const end = refused ? 0.9 : 0.93;
  return Array.from({ length: n }, (_, i) => 0.1 + (end - 0.1) * ((0.5 + i * golden) % 1)).sort((a, b) => a - b);
}
