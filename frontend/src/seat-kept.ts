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

// know keeps how far this browser has followed the room, so that a page that is loaded again is not brought again.
export function know(known: Known) {
  const s = seat();
  if (s) keep('seat', { ...s, ...known });
}

// unseat gives the seat up, and tells the page once.
export function unseat(why: Why) {
  if (!seat()) return;
  keep('seat', undefined);
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
