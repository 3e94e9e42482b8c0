// seat-kept.ts: a learner's seat in a room, as this browser keeps it: with it the same person comes back after a reload or a crash.
import { keep, kept } from './kept';
import type { Seat } from './roomapi';
import type { Known } from './seat-way';

export type KeptSeat = Seat & Partial<Known>;

// Why a seat is given up: the learner leaves, the room has ended, or its instructor has taken the seat away.
export type Why = 'left' | 'ended' | 'gone';

export const seat = () => {
  const s = kept<KeptSeat>('seat');
  return s?.code && s.key && s.learner?.id ? s : undefined;
};

export const sit = (s: Seat) => keep('seat', s);

// Another tab of this browser may have another seat by now: that one is left alone.
const isKept = (s: Seat) => seat()?.key === s.key;

// know keeps how far this browser has followed the room, so that a page that is loaded again is not brought again.
export function know(s: Seat, known: Known) {
  if (isKept(s)) keep('seat', { ...seat(), ...known });
}

// unseat gives a seat up, and tells the page.
export function unseat(s: Seat, why: Why) {
  if (isKept(s)) keep('seat', undefined);
  dispatchEvent(new CustomEvent<Why>('unseated', { detail: why }));
}

// lasts tells whether what is kept outlives the page: storage may be forbidden, as in some frames.
export function lasts(): boolean {
  try {
    return localStorage.getItem('seat') !== null;
  } catch {
    return false;
  }
}
