// board-roster.ts: who is in a room, in the order and the part that its instructor looks at, and what happened to them. Pure: no DOM.
import type { LearnerRow, Rows } from './room-messages';

export type Sort = 'name' | 'progress' | 'time' | 'error';
export type Part = 'all' | 'stuck' | 'hand';
export const sorts: readonly Sort[] = ['time', 'name', 'progress', 'error'];
export const parts: readonly Part[] = ['all', 'stuck', 'hand'];

export interface Look {
  sort: Sort;
  backwards: boolean;
  part: Part;
  text: string;
}

// Happening is something that an instructor would want to hear of, and whom it concerns.
export interface Happening {
  what: 'came' | 'left' | 'hand' | 'stuck' | 'lost' | 'back';
  names: string[];
}

export class Roster {
  private rows = new Map<string, LearnerRow>();
  private whole = false; // the first rows are the room as it stands: nothing has happened yet

  // anew forgets everybody: the room comes again, whole.
  anew() {
    this.whole = false;
  }

  // take takes rows in, and says what has happened. A row that is not in the message stays the object that it was.
  take(m: Rows): Happening[] {
    const happened = new Map<Happening['what'], string[]>();
    const note = (what: Happening['what'], name: string) => happened.set(what, [...(happened.get(what) ?? []), name]);
    if (!this.whole) {
      const there = new Set(m.rows.map((r) => r.id));
      for (const id of this.rows.keys()) if (!there.has(id)) this.rows.delete(id);
    }
    for (const id of m.gone ?? []) {
      const was = this.rows.get(id);
      if (was && this.whole) note('left', was.name);
      this.rows.delete(id);
    }
    for (const r of m.rows) {
      const was = this.rows.get(r.id);
      this.rows.set(r.id, r);
      if (!this.whole) continue;
      if (!was) note('came', r.name);
      else if (was.here !== r.here) note(r.here ? 'back' : 'lost', r.name);
      if (r.hand && !was?.hand) note('hand', r.name);
      if (r.stuck && was && !was.stuck) note('stuck', r.name);
    }
    this.whole = true;
    return [...happened].map(([what, names]) => ({ what, names }));
  }

  get = (id: string): LearnerRow | undefined => this.rows.get(id);
  get all(): LearnerRow[] {
    return [...this.rows.values()];
  }

  count = (part: Part) => this.all.filter((r) => inPart(r, part)).length;

  // list is what the instructor looks at. numbers tells a lesson's number by its slug.
  list(look: Look, numbers: Map<string, number>): LearnerRow[] {
    const words = look.text.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = this.all.filter((r) => inPart(r, look.part) && words.every((w) => textOf(r).includes(w)));
    const way = look.backwards ? -1 : 1;
    const since = new Map(rows.map((r) => [r, Date.parse(r.since)]));
    const far = (r: LearnerRow) => (numbers.get(r.lesson) ?? 0) * 1000 + r.n;
    const by: { [sort in Sort]: (a: LearnerRow, b: LearnerRow) => number } = {
      name: () => 0,
      progress: (a, b) => far(a) - far(b),
      time: (a, b) => Number(b.here) - Number(a.here) || since.get(a)! - since.get(b)!, // the longest first: who is away, waits for nothing
      error: (a, b) => Number(b.error !== null) - Number(a.error !== null) || compare(a.error?.error ?? '', b.error?.error ?? ''),
    };
    return rows.sort((a, b) => way * (by[look.sort](a, b) || compare(a.name, b.name)));
  }
}

const { compare } = new Intl.Collator(undefined, { numeric: true }); // made once: it takes longer than to compare

const inPart = (r: LearnerRow, part: Part) => part === 'all' || (part === 'stuck' ? r.stuck : r.hand);

const textOf = (r: LearnerRow) => [r.name, r.lesson, r.step, r.error?.error, refusedBy(r)].join(' ').toLowerCase();

// refusedBy is the check that refused a learner's last request.
export const refusedBy = (r: LearnerRow): string => (r.error?.verdicts ?? []).find((v) => v.outcome === 'fail' && v.mode === 'enforce')?.check ?? '';

// lasting is a time in minutes and seconds, in hours from an hour on.
export function lasting(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}
