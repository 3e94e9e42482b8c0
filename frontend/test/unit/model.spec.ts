// The rows of the diagram, from events: no browser needed.
import { expect, test } from '@playwright/test';
import { carriers, items, lanes, refersTo, valuesOf, curl, type Row } from '../../src/model';
import type { Event } from '../../src/wire.gen';

const at = '2026-11-23T10:00:00Z';
const request = (seq: number, n: number, from: string, to: string, method: string, url: string, more: Partial<Event> = {}): Event => ({ seq, at, kind: 'request', run: 1, n, from, to, request: { method, url, headers: [['Host', 'x']] }, ...more });
const response = (seq: number, of: number, n: number, status: number, more: Partial<Event> = {}): Event => ({ seq, at, kind: 'response', run: 1, n, from: '', to: '', of, response: { status }, ...more });

const flow: Event[] = [
  request(1, 1, 'browser', 'as', 'GET', 'https://auth.chirper.test/authorize?state=s1', { finds: [{ tag: 'state#1', kind: 'state', in: 'query', name: 'state' }] }),
  { ...response(2, 1, 1, 302), kind: 'redirect', response: { status: 302, headers: [['Location', 'https://planner.test/callback?code=c0de']] }, finds: [{ tag: 'code#1', kind: 'code', in: 'query', name: 'code' }] },
  request(3, 2, 'browser', 'client', 'GET', 'https://planner.test/callback?code=c0de', { cause: 2, finds: [{ tag: 'code#1', kind: 'code', in: 'query', name: 'code' }] }),
  request(4, 3, 'client', 'as', 'POST', 'https://auth.chirper.test/token', { cause: 3 }),
  response(5, 4, 3, 400, { verdicts: [{ check: 'as.pkce-verifier', spec: 'RFC 7636 §4.6', mode: 'enforce', outcome: 'fail' }] }),
];

test('a call made inside a callback lies in its bar, and the callback is open until it is answered', () => {
  const [, callback, token] = items(flow) as Row[];
  expect(callback!.answer).toBeUndefined();
  expect(callback!.openFirst).toBe(true);
  expect(token!.openLane).toBe('client');
  expect(token!.openLast).toBe(true);
});

test('a redirect and what it led to are one chain', () => {
  expect((items(flow) as Row[]).map((r) => r.chain)).toEqual(['a', 'z', '']);
});

test('the check that refused is on its row; only those who take part have lanes', () => {
  const list = items(flow);
  expect((list[2] as Row).failed?.check).toBe('as.pkce-verifier');
  expect(lanes(list)).toEqual(['browser', 'client', 'as']);
});

test('a value is followed from its first exchange on', () => {
  const list = items(flow);
  expect(carriers(list, 'code#1').map((r) => r.n)).toEqual([1, 2]);
  expect(valuesOf(flow).get('code#1')).toBe('c0de');
  expect(refersTo(list, 'POST /token')?.n).toBe(3);
  expect(refersTo(list, 'code#1')?.n).toBe(1);
});

test('a request becomes a command with its quotes in order', () => {
  expect(curl(request(1, 1, 'a', 'b', 'POST', `https://x/?q='`))).toBe(`curl -i -X 'POST' 'https://x/?q='\\'''`);
});
