// A recorded run for tests: the code flow, and Mallory who tries the code that she has read in the history. It stands in the page in
// place of a lesson's own, so that a lesson may change without a test of the wire noticing.
import type { Page } from '@playwright/test';
import type { Event, Find, Verdict } from '../src/wire.gen';

const find = (tag: string, where = 'query'): Find => ({ tag, kind: tag.split('#')[0]!, in: where, name: tag.split('#')[0]! });
const check = (id: string, outcome = 'pass', mode = 'enforce'): Verdict => ({ check: id, spec: 'RFC 6749 §4.1', mode, outcome });
const hosts: { [actor: string]: string } = { client: 'https://planner.test', as: 'https://auth.chirper.test', api: 'https://api.chirper.test' };

// flow is one run; refuse tells whether Mallory is.
export function flow(refuse = true, run = 1): Event[] {
  const list: Event[] = [];
  let n = 0;
  const add = (e: Partial<Event>) => list.push({ seq: list.length + 1, at: `2026-11-23T10:00:${String(n).padStart(2, '0')}Z`, kind: 'change', run, ...e });
  const ask = (from: string, to: string, what: string, cause = 0, finds: Find[] = []) => {
    const [method, path] = what.split(' ') as [string, string];
    return add({ kind: 'request', n: ++n, from, to, ...(cause ? { cause } : {}), request: { method, url: hosts[to]! + path, headers: [['Host', new URL(hosts[to]!).host]] }, finds });
  };
  const answer = (of: number, status: number, more: { location?: string; body?: string; finds?: Find[]; verdicts?: Verdict[] } = {}) => {
    const q = list[of - 1]!;
    const headers: [string, string][] = more.location ? [['Location', more.location]] : [['Content-Type', more.body ? 'application/json' : 'text/html']];
    return add({ kind: more.location ? 'redirect' : 'response', n: q.n!, from: q.to!, to: q.from!, of, response: { status, headers, ...(more.body ? { body: more.body } : {}) }, finds: more.finds ?? [], verdicts: more.verdicts ?? [] });
  };
  const step = (id: string) => add({ change: { what: 'step', step: id } });

  answer(ask('browser', 'client', 'GET /'), 200); // 1
  step('planner');
  let way = answer(ask('browser', 'client', 'GET /connect'), 302, { location: 'https://auth.chirper.test/authorize?state=s1', finds: [find('state#1')] }); // 2
  way = answer(ask('browser', 'as', 'GET /authorize?state=s1', way, [find('state#1'), find('code_challenge#1')]), 302, { location: 'https://auth.chirper.test/login', verdicts: [check('as.client-known'), check('as.scope-form', 'fail', 'observe'), check('as.pkce-method')] }); // 3
  answer(ask('browser', 'as', 'GET /login', way), 200); // 4
  way = answer(ask('browser', 'as', 'POST /consent'), 303, { location: 'https://planner.test/callback?code=c0de1234', finds: [find('code#1')] }); // 5
  step('front');
  const callback = ask('browser', 'client', 'GET /callback?code=c0de1234', way, [find('code#1')]); // 6
  const swap = ask('client', 'as', 'POST /token', callback, [find('code#1', 'body')]); // 7
  answer(swap, 200, { body: '{"access_token":"t0ken1234","expires_in":600}', finds: [find('access_token#1', 'body')], verdicts: [check('as.client-authentication'), check('as.code-known')] });
  answer(ask('client', 'as', 'GET /jwks', callback), 200, { body: '{"keys":[]}' }); // 8
  way = answer(callback, 303, { location: 'https://planner.test/' });
  answer(ask('browser', 'client', 'GET /', way), 200); // 9
  step('swap');
  add({ change: { what: 'clock', from: '2026-11-23T10:00:09Z', to: '2026-11-23T10:10:09Z' } });
  add({ change: { what: 'read', actor: 'attacker', from: 'history of browser', to: 'https://planner.test/callback?code=c0de1234' }, finds: [find('code#1', 'history')] });
  const theft = ask('attacker', 'as', 'POST /token', 0, [find('code#1', 'body')]); // 10
  answer(theft, refuse ? 401 : 200, { body: refuse ? '{"error":"invalid_client"}' : '{"access_token":"t2"}', verdicts: [check('as.content-type'), check('as.client-authentication', 'fail', refuse ? 'enforce' : 'observe')] });
  if (!refuse) answer(ask('attacker', 'api', 'POST /posts'), 201); // 11
  step('steal');
  return list;
}

// times is the flow again and again in one run.
export function times(count: number): Event[] {
  const one = flow();
  const last = { seq: one.at(-1)!.seq, n: 10 };
  return Array.from({ length: count }, (_, k) => one.map((e) => ({
    ...e, seq: e.seq + k * last.seq, ...(e.n ? { n: e.n + k * last.n } : {}), ...(e.of ? { of: e.of + k * last.seq } : {}), ...(e.cause ? { cause: e.cause + k * last.seq } : {}),
    ...(e.change?.step ? { change: { ...e.change, step: e.change.step + k } } : {}),
  }))).flat();
}

// runs are several runs in one record.
export const runs = (...all: Event[][]): Event[] => all.flatMap((events, k) => {
  const before = all.slice(0, k).reduce((sum, list) => sum + list.length, 0);
  return events.map((e) => ({ ...e, run: k + 1, seq: e.seq + before, ...(e.of ? { of: e.of + before } : {}), ...(e.cause ? { cause: e.cause + before } : {}) }));
});

// record puts events into the pages of lessons.
export async function record(page: Page, events: Event[]) {
  const lines = events.map((e) => JSON.stringify(e).replaceAll('<', '\\u003c')).join('\n');
  await page.route('**/lessons/*', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/(id="golden">)[^]*?(<\/script>)/, (_, open: string, close: string) => open + lines + close);
    await route.fulfill({ response, body });
  });
  await page.goto('/lessons/code-flow');
  await page.locator('pg-wire li.x').first().waitFor();
}
