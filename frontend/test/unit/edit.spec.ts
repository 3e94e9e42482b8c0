// A request as text that a person can change.
import { expect, test } from '@playwright/test';
import { linesOf, requestOf } from '../../src/edit';
import { answerOf, partsOf } from '../../src/request-text';
import type { Event } from '../../src/wire.gen';
import { items } from '../../src/model';

test('a parameter stands on each line, and is put together again', () => {
  const get = { method: 'GET', url: 'https://planner.test/callback?code=abc&state=x%20y' };
  expect(linesOf(get)).toBe('GET https://planner.test/callback\n?code=abc\n&state=x%20y');
  expect(requestOf(linesOf(get), get)).toEqual({ ...get, body: '' });
  const post = { method: 'POST', url: 'https://auth.chirper.test/login', headers: [['Content-Type', 'application/x-www-form-urlencoded']] as [string, string][], body: 'a=1&b=2' };
  expect(linesOf(post)).toBe('POST https://auth.chirper.test/login\n\na=1\n&b=2');
  expect(requestOf(linesOf(post), post)).toEqual(post);
});

test('a line can be left out, and the method be another', () => {
  const before = { method: 'GET', url: 'https://planner.test/callback?code=abc&state=x' };
  expect(requestOf('POST https://planner.test/callback\n?code=abc\n', before)).toEqual({ method: 'POST', url: 'https://planner.test/callback?code=abc', body: '' });
});

test('a lesson’s request has its address, its headers and the parameters of address and form', () => {
  const text = 'POST {{as}}/token?x=1\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=authorization_code\n&redirect_uri=https%3A%2F%2Fplanner.test%2Fcallback\n&bad=%zz';
  expect(partsOf(text)).toEqual({
    method: 'POST', url: '{{as}}/token', headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    params: [['x', '1'], ['grant_type', 'authorization_code'], ['redirect_uri', 'https://planner.test/callback'], ['bad', '%zz']], body: '',
  });
  expect(partsOf('POST {{api}}/posts\nContent-Type: application/json\n\n{"text":"x"}')).toMatchObject({ params: [], body: '{"text":"x"}' });
});

test('an answer and its time are those of the record', () => {
  const at = (ms: number) => `2026-11-23T10:00:00.${String(ms).padStart(3, '0')}Z`;
  const events: Event[] = [
    { seq: 1, at: at(5), kind: 'request', run: 1, n: 1, from: 'attacker', to: 'as', request: { method: 'POST', url: 'https://auth.chirper.test/token', headers: [] } },
    { seq: 2, at: at(8), kind: 'response', run: 1, n: 1, from: 'as', to: 'attacker', of: 1, response: { status: 401 } },
  ];
  expect(answerOf(items(events), 'POST {{as}}/token\n\nx=1', 'attacker')).toEqual({ status: 401, ms: 3 });
  expect(answerOf(items(events), 'POST {{as}}/token\n\nx=1', 'client')).toBeUndefined();
  expect(answerOf(items(events), 'POST {{api}}/token\n\nx=1', 'attacker'), 'another host was asked').toBeUndefined();
});
