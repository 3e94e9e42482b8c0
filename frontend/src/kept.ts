// kept.ts: what this browser keeps for its learner: the place in each lesson, answers to look at again, the look of the page.
// Nothing of it is sent anywhere. Storage may be forbidden, as in some frames: then it lasts as long as the page. What stands in a page of
// others keeps nothing there: two of them may be about one lesson, and it is not our place.

// embedded tells whether this is a part of a lesson in a page of others.
export const embedded = () => globalThis.document?.documentElement.hasAttribute('data-embed') ?? false;

// box keeps things by their names, as JSON, in a storage of the browser; what that does not take, as long as the page. undefined forgets.
function box(storage: () => Storage) {
  const page = new Map<string, string>();
  return {
    get<T>(name: string): T | undefined {
      try {
        return JSON.parse(page.get(name) ?? storage().getItem(name) ?? 'null') ?? undefined;
      } catch {
        return undefined;
      }
    },
    set(name: string, value: unknown) {
      const text = JSON.stringify(value);
      page.delete(name);
      try {
        if (value === undefined) storage().removeItem(name);
        else storage().setItem(name, text);
      } catch {
        if (value !== undefined) page.set(name, text);
      }
    },
  };
}

export const { get: kept, set: keep } = box(() => {
  if (embedded()) throw new Error('not in a page of others');
  return localStorage;
});

// ofTab lasts as long as the tab, and is its own.
export const ofTab = box(() => sessionStorage);

// Place is where a learner is in a lesson.
export interface Place {
  number: number;
  title: string;
  step: string; // its id
  stepTitle: string;
  at: number; // steps done
  of: number; // all of them
  passed: string[];
  answers: Record<string, number[]>;
  when: string; // RFC 3339
}

export type Places = Record<string, Place>; // by the lesson's slug

export const places = () => kept<Places>('places') ?? {};

export function keepPlace(slug: string, place: Place | undefined) {
  const all = places();
  if (place) all[slug] = place;
  else delete all[slug];
  keep('places', all);
}

// Card is a question that comes back after a while. Its answer is what the learner found to be right; who has not found it, or
// has forgotten it, is asked its twin.
export interface Card {
  slug: string;
  lesson: string;
  number: number;
  question: string;
  answer: string;
  box: number; // how often in a row it was known
  due: string; // RFC 3339
  twin?: string; // the id of a second question on the same idea
  belief?: string; // the misconception behind a wrong choice, until it is cleared up
}

export type Cards = Record<string, Card>; // by slug and question

export const cards = () => kept<Cards>('cards') ?? {};

const day = 86_400_000;

// gaps are the days until a card comes back, by its box.
export const gaps = [0, 1, 3, 7, 21];

// graded keeps a card of a question whose answer is known: right again puts it further away, wrong brings it back today.
export function graded(key: string, card: Omit<Card, 'box' | 'due'>, known: boolean, now = Date.now()) {
  const all = cards();
  const old = all[key];
  const box = known ? Math.min((old?.box ?? 0) + 1, gaps.length - 1) : 0;
  const same = old && !card.answer ? { question: old.question, answer: old.answer } : {}; // a question stays with its answer
  all[key] = { ...old, ...card, ...same, box, due: new Date(now + gaps[box]! * day).toISOString() };
  if (known) delete all[key].belief;
  keep('cards', all);
}

// due are the cards that can be asked now, oldest first.
export function due(all: Cards, now = Date.now()): [string, Card][] {
  return Object.entries(all).filter(([, c]) => (c.answer || c.twin) && Date.parse(c.due) <= now).sort((a, b) => a[1].due.localeCompare(b[1].due));
}

// waiting counts the cards by the box that they are in, those due now first.
export function waiting(all: Cards, now = Date.now()): number[] {
  const counts = gaps.map(() => 0);
  for (const c of Object.values(all)) {
    if (!c.answer && !c.twin) continue;
    const days = (Date.parse(c.due) - now) / day;
    const i = gaps.findIndex((g) => days <= g);
    counts[i < 0 ? gaps.length - 1 : i]!++;
  }
  return counts;
}
