// stream.ts: the record as it happens. After a cut it goes on from the position that it has reached, so nothing is missed and nothing is
// seen twice.
import { line, type Line } from './line';
import type { Event } from './wire.gen';

// Source is whose record it is: where the API has it, and the key that opens it.
export interface Source {
  path: string;
  key: string;
}

export interface Listener {
  event(e: Event): void;
  fresh(): void; // the record began anew: forget what you have
  gap(first: number): void; // older events are gone
  state(s: 'connecting' | 'live' | 'lost'): void;
  gone(): void; // the sandbox has ended
}

export class Stream {
  private line: Line;
  private last = 0;
  private epoch = '';
  private until = Infinity; // the position that makes the record whole after a connection: then it is live

  constructor(source: Source, private to: Listener) {
    this.line = line({
      path: () => `${source.path}/stream?since=${this.last}&epoch=${encodeURIComponent(this.epoch)}`,
      key: source.key,
      message: (text) => this.message(JSON.parse(text) as Message),
      state: (s) => to.state(s),
      gone: () => to.gone(),
    });
  }

  private message(m: Message) {
    if ('type' in m && m.type === 'hello') {
      if (this.epoch && m.epoch !== this.epoch) {
        this.last = 0;
        this.to.fresh();
      }
      this.epoch = m.epoch;
      this.line.works();
      this.until = m.last;
      this.whole();
      return;
    }
    if ('type' in m && m.type === 'gap') {
      this.last = m.first - 1;
      this.to.gap(m.first);
      this.whole();
      return;
    }
    const e = m as Event;
    if (e.seq <= this.last) return;
    this.last = e.seq;
    this.to.event(e);
    this.whole();
  }

  // whole says that the record is live, once nothing is missing that was there when the connection was made.
  private whole() {
    if (this.last < this.until) return;
    this.until = Infinity;
    this.to.state('live');
  }

  // pause lets the line go while nobody looks, and comes back with the position that was reached.
  pause(on: boolean) {
    if (on) this.line.close();
    else this.line.open();
  }

  retry = () => this.line.retry();
  close = () => this.line.close();
}

type Message = { type: 'hello'; epoch: string; first: number; last: number } | { type: 'gap'; first: number } | Event;
