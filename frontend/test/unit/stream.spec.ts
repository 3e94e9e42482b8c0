// The stream of the record, with a socket that does what it is told: nothing is missed, nothing is seen twice.
import { expect, test } from '@playwright/test';
import { Sandbox } from '../../src/api';
import { Stream } from '../../src/stream';
import { Socket, waits, wire } from './socket';

let heard: string[] = [];

function stream() {
  return new Stream(new Sandbox('abc', 'k3y'), {
    event: (e) => heard.push(`event ${e.seq}`), fresh: () => heard.push('fresh'), gap: (n) => heard.push(`gap ${n}`), state: (s) => heard.push(s), gone: () => heard.push('gone'),
  });
}

test.beforeEach(() => {
  heard = [];
  wire('https://playground.example/lessons/x');
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
  Socket.last.cut();
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

test('once the server has said hello, it is back soon after a cut', () => {
  stream();
  for (let i = 0; i < 5; i++) {
    Socket.last.cut();
    waits.pop()!.then();
  }
  Socket.last.says(hello('e1'));
  Socket.last.cut();
  expect(waits.pop()!.after).toBeLessThanOrEqual(250);
});

test('a sandbox that has ended is gone', () => {
  stream();
  Socket.last.cut(4404);
  expect(heard).toEqual(['connecting', 'gone']);
});

test('while nobody looks there is no line; then it goes on where it was', () => {
  const s = stream();
  Socket.last.says(hello('e1'), { seq: 1 });
  s.pause(true);
  s.pause(false);
  expect(Socket.all).toHaveLength(2);
  expect(Socket.last.url.search).toBe('?since=1&epoch=e1');
});
