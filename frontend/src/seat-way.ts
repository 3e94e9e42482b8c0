// seat-way.ts: where the class is, and when a learner's page goes there. It knows nothing of the page.
import type { RoomState } from './room-messages';

export interface Place {
  lesson: string;
  step: string;
}

// Known is how far a browser has followed its room.
export interface Known {
  brought: number; // the last bring that it has seen
  at: string; // where the class was then
}

const named = (p: Place) => (p.lesson ? `${p.lesson}#${p.step}` : '');

// wayOf tells where a page goes with a room's state, if anywhere, and what is known then. Who has only now joined goes where the class is; a bring takes everybody there once;
// at the class's pace a page follows each move of the instructor. Who then walks elsewhere stays there until the next move.
export function wayOf(room: Pick<RoomState, 'lesson' | 'step' | 'brought' | 'pace'>, known: Partial<Known>): { known: Known; go?: Place } {
  const place = { lesson: room.lesson, step: room.step };
  const at = named(place);
  const came = known.brought === undefined;
  const goes = came || room.brought > known.brought! || (room.pace === 'follow' && at !== known.at);
  if (goes) return { known: { brought: room.brought, at }, ...(at ? { go: place } : {}) };
  return { known: { brought: room.brought, at: known.at ?? '' } };
}

// addressOf is a place's address. Without a step it is the lesson's beginning.
export const addressOf = (p: Place) => `/lessons/${p.lesson}#${p.step || 'intro'}`;

// Clock counts a room's timer down by the server's clock, whatever this machine's says.
export class Clock {
  private ahead = 0; // of this machine's clock, in milliseconds

  // heard takes the server's clock from a message that has just come.
  heard(now: string, here = Date.now()) {
    const at = Date.parse(now);
    if (!Number.isNaN(at)) this.ahead = at - here;
  }

  // left are the whole seconds until then, 0 once it is over.
  left(ends: string, here = Date.now()): number {
    return Math.max(0, Math.ceil((Date.parse(ends) - here - this.ahead) / 1000));
  }
}

// clocked is a time in minutes and seconds, as 4:05.
export const clocked = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
