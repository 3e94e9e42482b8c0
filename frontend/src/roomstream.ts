// roomstream.ts: a room as it happens, for its instructor, a learner or a screen that has no key. It comes back by itself after
// a cut; the room's state then comes anew, whole, so there is no position to keep.
import type { RoomMessage } from './room-messages';

export interface RoomListener {
  message(m: RoomMessage): void;
  state(s: 'connecting' | 'live' | 'lost'): void;
  gone(code: number): void; // it does not come back: the key does not fit, or the room has ended
}

export const closeBadKey = 4401;
export const closeGone = 4404;

export class RoomStream {
  private tries = 0;
  private live = false;
  private socket?: WebSocket;
  private timer?: number;
  private closed = false;

  // A room's code needs no key to be watched as the projector does.
  constructor(private code: string, private key: string, private to: RoomListener) {
    this.connect();
  }

  private connect() {
    if (this.closed) return;
    this.to.state(this.tries > 1 ? 'lost' : 'connecting');
    const url = new URL(`/api/rooms/${encodeURIComponent(this.code)}/stream`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, this.key ? ['playground.v1', 'key.' + this.key] : ['playground.v1']);
    this.socket = socket;
    socket.onmessage = (m) => {
      if (this.closed || this.socket !== socket) return;
      if (!this.live) {
        this.live = true; // something has come, and the room comes first
        this.tries = 0;
        this.to.state('live');
      }
      this.to.message(JSON.parse(m.data as string) as RoomMessage);
    };
    socket.onclose = (c) => {
      if (this.closed || this.socket !== socket) return;
      if (c.code === closeGone || c.code === closeBadKey) {
        this.close();
        this.to.gone(c.code);
        return;
      }
      this.live = false;
      this.tries++;
      this.to.state('lost');
      const wait = Math.min(100 * 2 ** this.tries, 10_000) * (0.75 + Math.random() / 2);
      this.timer = window.setTimeout(() => this.connect(), wait);
    };
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
