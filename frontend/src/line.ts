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

export type Line = ReturnType<typeof line>;

export function line(end: End) {
  let tries = 0; // since it last worked
  let socket: WebSocket;
  let timer: number | undefined;
  let closed = false;

  function connect() {
    end.state(tries > 1 ? 'lost' : 'connecting');
    const url = new URL(end.path(), location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const mine = (socket = new WebSocket(url, ['playground.v1', ...(end.key ? ['key.' + end.key] : [])]));
    const stale = () => closed || mine !== socket;
    mine.onmessage = (m) => stale() || end.message(m.data as string);
    mine.onclose = ({ code }) => {
      if (stale()) return;
      if (code === closeGone || code === closeBadKey) {
        close();
        end.gone(code);
        return;
      }
      tries++;
      end.state('lost');
      timer = window.setTimeout(connect, Math.min(100 * 2 ** tries, 10_000) * (0.75 + Math.random() / 2)); // a class that was cut off does not come back at once
    };
  }

  // retry connects now, if it waits to.
  function retry() {
    if (closed || socket.readyState !== WebSocket.CLOSED) return;
    window.clearTimeout(timer);
    connect();
  }

  function close() {
    closed = true;
    window.clearTimeout(timer);
    socket.close();
  }

  // open is for a line that was closed.
  function open() {
    if (!closed) return;
    closed = false;
    connect();
  }

  // works is what its owner says once it has heard what it wanted to: the next cut is a first one again.
  const works = () => void (tries = 0);

  connect();
  return { works, retry, close, open };
}
