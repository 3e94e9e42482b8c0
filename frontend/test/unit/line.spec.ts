// A line to the server, with a socket that does what it is told.
import { expect, test } from '@playwright/test';
import { line } from '../../src/line';
import { Socket, waits, wire } from './socket';

let heard: string[] = [];

const begin = (key = 'k3y') =>
  line({ path: () => `/api/x?after=${heard.length}`, key, message: (text) => heard.push(text), state: (s) => heard.push(s), gone: (code) => heard.push(`gone ${code}`) });

test.beforeEach(() => {
  heard = [];
  wire('https://playground.example/teach/K7P4MX');
});

test('the key goes along as a subprotocol, never in the address; there may be none', () => {
  begin();
  expect(String(Socket.last.url)).toBe('wss://playground.example/api/x?after=1');
  expect(Socket.last.protocols).toEqual(['playground.v1', 'key.k3y']);
  begin('');
  expect(Socket.last.protocols).toEqual(['playground.v1']);
});

test('it waits longer each time, ten seconds at the most, and begins anew once it worked', () => {
  const l = begin();
  for (let i = 0; i < 10; i++) {
    Socket.last.cut();
    const { after, then } = waits.pop()!;
    const base = Math.min(100 * 2 ** (i + 1), 10_000);
    expect(after).toBeGreaterThanOrEqual(base * 0.75);
    expect(after).toBeLessThanOrEqual(base * 1.25);
    then();
  }
  expect(heard.at(-1)).toBe('lost'); // it says so as long as it lasts
  l.works();
  Socket.last.cut();
  expect(waits.pop()!.after).toBeLessThanOrEqual(250);
});

test('who does not want to wait connects now, once', () => {
  const l = begin();
  l.retry(); // it is connected
  expect(Socket.all).toHaveLength(1);
  Socket.last.cut();
  l.retry();
  expect(Socket.all).toHaveLength(2);
  expect(waits).toEqual([]);
});

for (const code of [4404, 4401]) {
  test(`close code ${code} is the end: no new try`, () => {
    const l = begin();
    Socket.last.cut(code);
    l.retry();
    expect(heard).toEqual(['connecting', `gone ${code}`]);
    expect(waits).toEqual([]);
    expect(Socket.all).toHaveLength(1);
  });
}

test('one that is closed stays closed, until it is opened: what the old socket says is not heard', () => {
  const l = begin();
  l.open(); // it is open
  expect(Socket.all).toHaveLength(1);
  const old = Socket.last;
  l.close();
  expect(old.readyState).toBe(Socket.CLOSED);
  old.cut(1000);
  old.says('late');
  expect(waits).toEqual([]);
  l.open();
  old.says('later');
  old.cut(1000);
  Socket.last.says('now');
  expect(heard).toEqual(['connecting', 'connecting', '"now"']);
  expect(waits).toEqual([]);
});

test('one that waits to try again, and is closed, does not try', () => {
  const l = begin();
  Socket.last.cut();
  l.close();
  expect(waits).toEqual([]);
});
