// board-news.ts: what a screen reader is told of a room: one sentence for each kind of thing that has happened, however many there are.
import type { Happening } from './board-roster';
import { say } from './strings';

const named = 3; // names that are told; of more, their number

// sentence says what has happened to whom.
export function sentence(h: Happening): string {
  const n = h.names.length;
  return n > named ? say(`room.news.${h.what}.many`, { n }) : say(`room.news.${h.what}`, { n, names: h.names.join(', ') });
}

// News gathers what happens for a moment, so that a class that comes in at once is one sentence.
export class News {
  private waiting = new Map<Happening['what'], string[]>();
  private said: string[] = [];
  private timer = 0;

  constructor(private tell: (text: string) => void, private pause = 1000) {}

  take(list: Happening[]) {
    for (const { what, names } of list) this.waiting.set(what, [...new Set([...(this.waiting.get(what) ?? []), ...names])]);
    if (list.length) this.soon();
  }

  say(text: string) {
    this.said.push(text);
    this.soon();
  }

  private soon() {
    this.timer ||= window.setTimeout(() => {
      this.timer = 0;
      this.tell([...this.said, ...[...this.waiting].map(([what, names]) => sentence({ what, names }))].join(' '));
      this.said = [];
      this.waiting.clear();
    }, this.pause);
  }
}
