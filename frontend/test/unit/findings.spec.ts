// What the record says of an app under test, and what the app is told of its issuer.
import { expect, test } from '@playwright/test';
import { config } from '../../src/config';
import { findings } from '../../src/findings';
import { items, rowsOf } from '../../src/model';
import type { Event, Verdict } from '../../src/wire.gen';

const verdict = (check: string, outcome: string, mode = 'enforce'): Verdict => ({ check, spec: 'RFC 6749 §4.1.3', mode, outcome, expected: 'a', actual: 'b' });
const exchange = (n: number, from: string, path: string, ...verdicts: Verdict[]): Event[] => [
  { seq: 2 * n, at: '2026-11-23T10:00:00Z', kind: 'request', run: 1, n, from, to: 'as', request: { method: 'POST', url: 'http://127.0.0.1:8080/s/abcdefghijklmnop/as' + path, headers: [] } },
  { seq: 2 * n + 1, at: '2026-11-23T10:00:00Z', kind: 'response', run: 1, n, from: 'as', to: from, of: 2 * n, response: { status: 200 }, verdicts },
];
const of = (...events: Event[][]) => findings(rowsOf(items(events.flat())), [{ id: 'as.code-fresh', title: 'The code has not expired.', spec: '', modes: [], default: '' }]);

test('a check that refused asks for more than one that only observed, and that for more than one that passed', () => {
  const found = of(
    exchange(1, 'outside', '/token', verdict('as.content-type', 'pass'), verdict('as.code-fresh', 'pass'), verdict('as.pkce-verifier', 'fail', 'observe')),
    exchange(2, 'outside', '/token', verdict('as.code-fresh', 'fail'), verdict('as.redirect-uri-match', 'off', 'off')),
    exchange(3, 'outside', '/token', verdict('as.code-fresh', 'pass')),
    exchange(4, 'outside', '/token', verdict('as.code-fresh', 'fail')),
  );
  expect(found.map((f) => [f.level, f.check, f.rows.map((r) => r.n)])).toEqual([
    ['must', 'as.code-fresh', [2, 4]],
    ['should', 'as.pkce-verifier', [1]],
    ['good', 'as.content-type', [1]],
  ]);
  expect(found[0]!.title).toBe('The code has not expired.');
});

test('what people do on the server’s pages is not the app’s doing, and to be registered is nothing to praise', () => {
  expect(of(exchange(1, 'browser', '/login', verdict('as.user-password', 'fail')), exchange(2, 'outside', '/register', verdict('as.registration-json', 'pass')))).toEqual([]);
  expect(of(exchange(1, 'browser', '/authorize', verdict('as.client-known', 'pass'))).map((f) => f.check)).toEqual(['as.client-known']);
});

test('the configuration stands in each form', () => {
  const client = { client_id: 'my-app', client_secret: 's"x', redirect_uris: ['http://localhost:3000/cb'] };
  expect(config('.env', 'http://i', client)).toContain('OIDC_REDIRECT_URI=http://localhost:3000/cb\n');
  expect(JSON.parse(config('JSON', 'http://i', client))).toMatchObject({ issuer: 'http://i', client_secret: 's"x' });
  expect(config('Go', 'http://i', client)).toContain('ClientSecret: "s\\"x"');
});
