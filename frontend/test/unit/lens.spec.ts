// Who sees what, what folds, what runs out: from events, without a browser.
import { expect, test } from '@playwright/test';
import { expired, span } from '../../src/expiry';
import { fold, type Fold } from '../../src/fold';
import { count, judges, sees, sight } from '../../src/lens';
import { ghost, items, matches, rowsOf } from '../../src/model';
import type { Event } from '../../src/wire.gen';

const at = '2026-11-23T10:00:00Z';
const exchange = (seq: number, n: number, from: string, to: string, method: string, url: string, answer: Partial<Event> = {}, finds: Event['finds'] = []): Event[] => [
  { seq, at, kind: 'request', run: 1, n, from, to, request: { method, url, headers: [] }, finds },
  { seq: seq + 1, at, kind: 'response', run: 1, n, from: to, to: from, of: seq, response: { status: 200 }, ...answer },
];
const change = (seq: number, what: string, more: object = {}, finds: Event['finds'] = []): Event => ({ seq, at, kind: 'change', run: 1, change: { what, ...more }, finds });
const code = { tag: 'code#1', kind: 'code', in: 'query', name: 'code' };

const flow: Event[] = [
  ...exchange(1, 1, 'browser', 'client', 'GET', 'https://planner.test/callback?code=c0de', {}, [code]),
  ...exchange(3, 2, 'client', 'as', 'POST', 'https://auth.chirper.test/token'),
  change(5, 'read', { actor: 'attacker', from: 'history of browser', to: 'https://planner.test/callback?code=c0de#x' }, [{ ...code, in: 'history' }]),
  ...exchange(6, 3, 'attacker', 'as', 'POST', 'https://auth.chirper.test/token'),
];

test('an exchange is seen by its two ends', () => {
  const list = items(flow);
  const [callback, token] = rowsOf(list);
  expect(['', 'browser', 'client', 'as', 'api', 'network', 'attacker'].map((l) => sight(l, callback!, list))).toEqual(['all', 'all', 'all', 'none', 'none', 'host', 'url']);
  expect(['browser', 'client', 'as', 'attacker'].map((l) => sees(l, token!.answer!, list))).toEqual([false, true, true, false]);
  expect(['client', 'as', ''].map((l) => judges(l, token!))).toEqual([false, true, true]);
});

test('what was read is known to who read it, as far as it was read', () => {
  const list = items(flow);
  expect(sees('attacker', flow[4]!, list)).toBe(true);
  expect(sees('browser', flow[4]!, list)).toBe(false);
  expect(sees('attacker', flow[0]!, list)).toBe(false); // its address, not its headers
  expect(count('attacker', list)).toEqual({ seen: 1, all: 3, urls: 1 });
});

test('a listener reads what goes over plain HTTP', () => {
  const list = items(exchange(1, 1, 'outside', 'as', 'GET', 'http://127.0.0.1:8080/s/x/as/jwks'));
  expect(sight('network', rowsOf(list)[0]!, list)).toBe('all');
  expect(sight('client', rowsOf(list)[0]!, list)).toBe('all');
});

test('a listener sees nothing of what an app is handed on the phone', () => {
  const list = items(exchange(1, 1, 'browser', 'phone', 'OPEN', 'test.planner:/callback?code=c'));
  expect(['network', 'browser', 'as'].map((l) => sight(l, rowsOf(list)[0]!, list))).toEqual(['none', 'all', 'none']);
});

test('finished parts of a long run fold, but for what was refused and what is at hand', () => {
  const events: Event[] = [];
  for (let n = 1; n <= 30; n++) {
    const refused = n === 5 ? { verdicts: [{ check: 'as.x', spec: '', mode: 'enforce', outcome: 'fail' }] } : {};
    events.push(...exchange(n * 10, n, 'browser', 'as', 'GET', 'https://auth.chirper.test/authorize', refused));
    if (n % 10 === 0) events.push(change(n * 10 + 5, 'step', { step: `s${n / 10}` }));
  }
  const phases = { s1: 'front', s2: 'front', s3: 'use' };
  const folded = fold(items(events), phases, new Set());
  expect(folded.map((i) => (i.kind === 'fold' ? `${i.phase} ${i.rows.length}` : i.id))).toEqual(['front 4', 'x5', 'front 15', ...[21, 22, 23, 24, 25, 26, 27, 28, 29, 30].map((n) => `x${n}`)]);
  const open = fold(items(events), phases, new Set([(folded[0] as Fold).id]));
  expect(open.slice(0, 6).map((i) => i.id)).toEqual(['f-x1', 'x1', 'x2', 'x3', 'x4', 'x5']);
  expect(fold(items(events), undefined, new Set()).filter((i) => i.kind === 'fold')).toHaveLength(3); // by step, where parts aren't known
  expect(fold(items(events.slice(0, 40)), phases, new Set()).some((i) => i.kind === 'fold')).toBe(false);
});

test('what has run out is known from what was recorded, and from nothing else', () => {
  const events: Event[] = [
    { ...exchange(1, 1, 'client', 'as', 'POST', 'https://auth.chirper.test/token')[1]!, response: { status: 200, headers: [['Set-Cookie', 'sid=1; Max-Age=60']], body: '{"access_token":"x","expires_in": 600,"refresh_token":"y"}' }, finds: [{ tag: 'access_token#1', kind: 'access_token', in: 'body', name: 'access_token' }, { tag: 'refresh_token#1', kind: 'refresh_token', in: 'body', name: 'refresh_token' }, { tag: 'session#1', kind: 'session', in: 'cookie', name: 'sid' }] },
    { seq: 3, at, kind: 'token', run: 1, of: 2, token: { tag: 'id_token#1', format: 'jwt', claims: { exp: Date.parse(at) / 1000 + 3600 } } },
  ];
  expect(expired(events, at, '2026-11-23T10:05:00Z')).toEqual(['session#1']);
  expect(expired(events, '2026-11-23T10:05:00Z', '2026-11-23T10:15:00Z')).toEqual(['access_token#1']);
  expect(expired(events, at, '2026-11-24T10:00:00Z')).toEqual(['access_token#1', 'session#1', 'id_token#1']);
  expect([span(600), span(5400), span(90061)]).toEqual(['10 min', '1 h 30 min', '1 d 1 h']);
});

test('an exchange is found by its number or by words', () => {
  const [callback, token] = rowsOf(items(flow));
  expect(matches(callback!, 'code#1 GET')).toBe(true);
  expect(matches(callback!, '2')).toBe(false);
  expect(matches(token!, '2')).toBe(true);
  expect(matches(token!, '200')).toBe(true);
});

test('a redirect to an app outside ends where the playground can’t see', () => {
  const list = items(exchange(1, 1, 'browser', 'as', 'GET', 'http://127.0.0.1:8080/s/x/as/authorize', { kind: 'redirect', response: { status: 302, headers: [['Location', 'http://localhost:3000/callback?code=1']] } }));
  expect(list.at(-1)).toMatchObject({ kind: 'band', host: 'localhost:3000' });
});

test('a request that waits in the browser is known, once it is known whom it would reach', () => {
  const list = items(flow);
  expect(ghost(list, { method: 'GET', url: 'https://planner.test/callback?code=1' })).toMatchObject({ n: 4, path: '/callback', to: 'client' });
  expect(ghost(list, { method: 'GET', url: 'https://nobody.test/' })).toBeUndefined();
  expect(ghost(list, null)).toBeUndefined();
});
