// The stream of a room, with a socket that does what it is told.
import { expect, test } from '@playwright/test';
import { RoomStream } from '../../src/roomstream';
import { Socket, waits, wire } from './socket';

let heard: string[] = [];

const stream = (key = 'k3y') => new RoomStream('K7P4MX', key, { message: (m) => heard.push(m.type), state: (s) => heard.push(s), gone: (code) => heard.push(`gone ${code}`) });

test.beforeEach(() => {
  heard = [];
  wire('http://playground.example/teach/K7P4MX');
});

test('the key is not in the address; a screen has none', () => {
  stream();
  expect(String(Socket.last.url)).toBe('ws://playground.example/api/rooms/K7P4MX/stream');
  expect(Socket.last.protocols).toEqual(['playground.v1', 'key.k3y']);
  stream('');
  expect(Socket.last.protocols).toEqual(['playground.v1']);
});

test('it is live with the first message, and again after each cut', () => {
  stream();
  Socket.last.says({ type: 'room' }, { type: 'tally' });
  Socket.last.cut(1012);
  waits[0]!.then();
  Socket.last.says({ type: 'room' });
  expect(heard).toEqual(['connecting', 'live', 'room', 'tally', 'lost', 'connecting', 'live', 'room']);
});

test('once it was live, it is back soon after a cut', () => {
  stream();
  for (let i = 0; i < 5; i++) {
    Socket.last.cut();
    waits.pop()!.then();
  }
  Socket.last.says({ type: 'room' });
  Socket.last.cut();
  expect(waits.pop()!.after).toBeLessThanOrEqual(250);
});

test('why it ended is told', () => {
  stream();
  Socket.last.cut(4401);
  stream();
  Socket.last.cut(4404);
  expect(heard).toEqual(['connecting', 'gone 4401', 'connecting', 'gone 4404']);
});
