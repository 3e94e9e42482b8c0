// The stream of the record, with a socket that does what it is told: nothing is missed, nothing is seen twice.
import { expect, test } from '@playwright/test';
import { Sandbox } from '../../src/api';
import { Stream } from '../../src/stream';

class Socket {
  static all: Socket[] = [];
  onmessage?: (m: { data: string }) => void;
  onclose?: (c: { code: number }) => void;
  closed = false;
  constructor(readonly url: URL, readonly protocols: string[]) {
    Socket.all.push(this);
  }
  static get last() {
    return Socket.all.at(-1)!;
  }
  says(...messages: unknown[]) {
    for (const m of messages) this.onmessage!({ data: JSON.stringify(m) });
  }
  close() {
    this.closed = true;
  }
}

let waits: { after: number; then: () => void }[] = [];
let heard: string[] = [];

function stream() {
  return new Stream(new Sandbox('abc', 'k3y'), {
    event: (e) => heard.push(`event ${e.seq}`), fresh: () => heard.push('fresh'), gap: (n) => heard.push(`gap ${n}`), state: (s) => heard.push(s), gone: () => heard.push('gone'),
  });
}

test.beforeEach(() => {
  Socket.all = [];
  waits = [];
  heard = [];
  Object.assign(globalThis, {
    WebSocket: Socket, location: { href: 'https://playground.example/lessons/x' },
    window: { setTimeout: (then: () => void, after: number) => waits.push({ then, after }), clearTimeout: () => (waits = []) },
  });
});

const hello = (epoch: string, last = 0) => ({ type: 'hello', epoch, first: 1, last });

test('the key goes along as a subprotocol, never in the address', () => {
  stream();
  expect(String(Socket.last.url)).toBe('wss://playground.example/api/sandboxes/abc/stream?since=0&epoch=');
  expect(Socket.last.protocols).toEqual(['playground.v1', 'key.k3y']);
});

test('after a cut it asks for what it has not seen, and what comes twice is heard once', () => {
  stream();
  Socket.last.says(hello('e1'), { seq: 1 }, { seq: 2 });
  Socket.last.onclose!({ code: 1006 });
  waits[0]!.then();
  expect(Socket.last.url.search).toBe('?since=2&epoch=e1');
  Socket.last.says(hello('e1'), { seq: 2 }, { seq: 3 });
  expect(heard.filter((h) => h.startsWith('event'))).toEqual(['event 1', 'event 2', 'event 3']);
  expect(heard).not.toContain('fresh');
});

test('another epoch is another record: what was there is forgotten', () => {
  stream();
  Socket.last.says(hello('e1'), { seq: 7 });
  Socket.last.says(hello('e2'), { seq: 1 });
  expect(heard).toEqual(['connecting', 'live', 'event 7', 'fresh', 'live', 'event 1']);
});

test('it is live once nothing is missing of what was there', () => {
  stream();
  Socket.last.says(hello('e1', 2), { seq: 1 });
  expect(heard).toEqual(['connecting', 'event 1']);
  Socket.last.says({ seq: 2 }, { seq: 3 });
  expect(heard.slice(2)).toEqual(['event 2', 'live', 'event 3']);
});

test('a gap says where the record goes on', () => {
  stream();
  Socket.last.says(hello('e1'), { seq: 1 }, { type: 'gap', first: 40 }, { seq: 39 }, { seq: 40 });
  expect(heard.slice(2)).toEqual(['event 1', 'gap 40', 'event 40']);
});

test('it waits longer each time, ten seconds at the most, and begins anew once it was live', () => {
  stream();
  const after: number[] = [];
  for (let i = 0; i < 10; i++) {
    Socket.last.onclose!({ code: 1006 });
    const w = waits.pop()!;
    after.push(w.after);
    w.then();
  }
  after.forEach((ms, i) => {
    const base = Math.min(100 * 2 ** (i + 1), 10_000);
    expect(ms).toBeGreaterThanOrEqual(base * 0.75);
    expect(ms).toBeLessThanOrEqual(base * 1.25);
  });
  expect(heard.at(-1)).toBe('lost'); // it says so as long as it lasts
  Socket.last.says(hello('e1'));
  Socket.last.onclose!({ code: 1006 });
  expect(waits.pop()!.after).toBeLessThanOrEqual(250);
});

for (const code of [4404, 4401]) {
  test(`close code ${code} is the end: no new try`, () => {
    stream();
    Socket.last.onclose!({ code });
    expect(heard.at(-1)).toBe('gone');
    expect(waits).toEqual([]);
    expect(Socket.all).toHaveLength(1);
  });
}

test('a stream that is closed stays closed', () => {
  const s = stream();
  s.close();
  Socket.last.onclose?.({ code: 1000 });
  expect(Socket.last.closed).toBe(true);
  expect(waits).toEqual([]);
});
