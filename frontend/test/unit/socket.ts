// A socket that does what it is told, and a page that it is on: its clock does not run, what waits is kept.
export class Socket {
  static all: Socket[] = [];
  static CLOSED = 3;
  readyState = 1;
  onmessage?: (m: { data: string }) => void;
  onclose?: (c: { code: number }) => void;
  constructor(readonly url: URL, readonly protocols: string[]) {
    Socket.all.push(this);
  }
  static get last() {
    return Socket.all.at(-1)!;
  }
  says(...messages: unknown[]) {
    for (const m of messages) this.onmessage!({ data: JSON.stringify(m) });
  }
  cut(code = 1006) {
    this.readyState = Socket.CLOSED;
    this.onclose!({ code });
  }
  close() {
    this.readyState = Socket.CLOSED;
  }
}

export const waits: { after: number; then: () => void }[] = [];

// wire begins anew on a page at an address.
export function wire(href: string) {
  Socket.all = [];
  waits.length = 0;
  Object.assign(globalThis, {
    WebSocket: Socket, location: { href },
    window: { setTimeout: (then: () => void, after: number) => waits.push({ then, after }), clearTimeout: () => (waits.length = 0) },
  });
}
