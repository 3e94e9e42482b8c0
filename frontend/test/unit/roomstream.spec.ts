// The stream of a room, with a socket that does what it is told.
import { expect, test } from '@playwright/test';
import type { RoomMessage } from '../../src/room-messages';
import { RoomStream } from '../../src/roomstream';

class Socket {
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
  says(m: Partial<RoomMessage>) {
    this.onmessage!({ data: JSON.stringify(m) });
  }
  cut(code = 1006) {
    this.readyState = Socket.CLOSED;
    this.onclose!({ code });
  }
  close() {
    this.readyState = Socket.CLOSED;
  }
}

let waits: { after: number; then: () => void }[] = [];
let heard: string[] = [];

const stream = (key = 'k3y') => new RoomStream('K7P4MX', key, { message: (m) => heard.push(m.type), state: (s) => heard.push(s), gone: (code) => heard.push(`gone ${code}`) });

test.beforeEach(() => {
  Socket.all = [];
  waits = [];
  heard = [];
  Object.assign(globalThis, {
    WebSocket: Socket, location: { href: 'http://playground.example/teach/K7P4MX' },
    window: { setTimeout: (then: () => void, after: number) => waits.push({ then, after }), clearTimeout: () => (waits = []) },
  });
});

test('the key goes along as a subprotocol, never in the address; a screen has none', () => {
  stream();
  expect(String(Socket.last.url)).toBe('ws://playground.example/api/rooms/K7P4MX/stream');
  expect(Socket.last.protocols).toEqual(['playground.v1', 'key.k3y']);
  stream('');
  expect(Socket.last.protocols).toEqual(['playground.v1']);
});

test('it is live with the first message, and again after each cut', () => {
  stream();
  Socket.last.says({ type: 'room' });
  Socket.last.says({ type: 'tally' });
  Socket.last.cut(1012);
  waits[0]!.then();
  Socket.last.says({ type: 'room' });
  expect(heard).toEqual(['connecting', 'live', 'room', 'tally', 'lost', 'connecting', 'live', 'room']);
});

test('it waits longer each time, ten seconds at the most, and begins anew once it was live', () => {
  stream();
  for (let i = 0; i < 10; i++) {
    Socket.last.cut();
    const { after, then } = waits.pop()!;
    const base = Math.min(100 * 2 ** (i + 1), 10_000);
    expect(after).toBeGreaterThanOrEqual(base * 0.75);
    expect(after).toBeLessThanOrEqual(base * 1.25);
    then();
  }
  Socket.last.says({ type: 'room' });
  Socket.last.cut();
  expect(waits.pop()!.after).toBeLessThanOrEqual(250);
});

test('who does not want to wait connects now, once', () => {
  const s = stream();
  s.retry(); // it is connected
  expect(Socket.all).toHaveLength(1);
  Socket.last.cut();
  s.retry();
  expect(Socket.all).toHaveLength(2);
  expect(waits).toEqual([]);
});

for (const code of [4404, 4401]) {
  test(`close code ${code} is the end: no new try`, () => {
    stream();
    Socket.last.cut(code);
    expect(heard.at(-1)).toBe(`gone ${code}`);
    expect(waits).toEqual([]);
    expect(Socket.all).toHaveLength(1);
  });
}

test('a stream that is closed stays closed', () => {
  stream().close();
  Socket.last.cut(1000);
  expect(waits).toEqual([]);
  expect(heard).toEqual(['connecting']);
});
