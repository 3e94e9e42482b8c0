// stream.ts: the record as it happens. It comes back by itself after a cut, with the position it has reached, so nothing is
// missed and nothing is seen twice.
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

const closeBadKey = 4401;
const closeGone = 4404;

export class Stream {
  private last = 0;
  private epoch = '';
  private tries = 0;
  private socket?: WebSocket;
  private timer?: number;
  private closed = false;
  private until = Infinity; // the position that makes the record whole after a connection: then it is live

  constructor(private source: Source, private to: Listener) {
    this.connect();
  }

  private connect() {
    if (this.closed) return;
    this.to.state(this.tries > 1 ? 'lost' : 'connecting');
    const url = new URL(`${this.source.path}/stream?since=${this.last}&epoch=${encodeURIComponent(this.epoch)}`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, ['playground.v1', 'key.' + this.source.key]);
    this.socket = socket;
    socket.onmessage = (m) => this.message(JSON.parse(m.data as string) as Message);
    socket.onclose = (c) => {
      if (this.closed || socket !== this.socket) return;
      if (c.code === closeGone || c.code === closeBadKey) {
        this.close();
        this.to.gone();
        return;
      }
      this.tries++;
      this.to.state('lost');
      const wait = Math.min(100 * 2 ** this.tries, 10_000) * (0.75 + Math.random() / 2);
      this.timer = window.setTimeout(() => this.connect(), wait);
    };
  }

  private message(m: Message) {
    if ('type' in m && m.type === 'hello') {
      if (this.epoch && m.epoch !== this.epoch) {
        this.last = 0;
        this.to.fresh();
      }
      this.epoch = m.epoch;
      this.tries = 0;
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
    if (on) return this.close();
    this.closed = false;
    this.connect();
  }

  // retry connects now, if it waits to.
  retry() {
    if (this.closed || this.socket?.readyState !== WebSocket.CLOSED) return;
    window.clearTimeout(this.timer);
    this.connect();
  }

  close() {
    this.closed = true;
    window.clearTimeout(this.timer);
    this.socket?.close();
  }
}

type Message = { type: 'hello'; epoch: string; first: number; last: number } | { type: 'gap'; first: number } | Event;
