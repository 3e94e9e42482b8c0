// line.ts: a socket to the server that comes back by itself after a cut: later each time that it fails, ten seconds at the most. What
// is said over it is its owner's to know.

// End is the owner's end of a line.
export interface End {
  path(): string; // where to connect; asked anew for each connection
  key: string; // goes along as a subprotocol, never in an address; '' is none
  message(text: string): void;
  state(s: 'connecting' | 'lost'): void;
  gone(code: number): void; // it does not come back: the key does not fit, or what it led to is no more
}

export const closeBadKey = 4401;
export const closeGone = 4404;

const longest = 10_000; // ms between two tries

export class Line {
  private tries = 0; // since it last worked
  private socket?: WebSocket;
  private timer?: number;
  private closed = false;

  constructor(private end: End) {
    this.connect();
  }

  private connect() {
    this.end.state(this.tries > 1 ? 'lost' : 'connecting');
    const url = new URL(this.end.path(), location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, this.end.key ? ['playground.v1', 'key.' + this.end.key] : ['playground.v1']);
    this.socket = socket;
    const mine = () => !this.closed && this.socket === socket;
    socket.onmessage = (m) => mine() && this.end.message(m.data as string);
    socket.onclose = (c) => {
      if (!mine()) return;
      if (c.code === closeGone || c.code === closeBadKey) {
        this.close();
        this.end.gone(c.code);
        return;
      }
      this.tries++;
      this.end.state('lost');
      const wait = Math.min(100 * 2 ** this.tries, longest) * (0.75 + Math.random() / 2); // a class that was cut off does not come back at once
      this.timer = window.setTimeout(() => this.connect(), wait);
    };
  }

  // works is what its owner says once it has heard what it wanted to: the next cut is a first one again.
  works() {
    this.tries = 0;
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

  // open is for one that was closed.
  open() {
    if (!this.closed) return;
    this.closed = false;
    this.connect();
  }
}
