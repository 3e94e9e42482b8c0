// model.ts: from the events of the record to the rows of the diagram. Pure: no DOM.
import type { Event, Find, Verdict } from './wire.gen';

// Row is an exchange: a request and, once there is one, its answer.
export interface Row {
  kind: 'row';
  id: string; // "x8", or "r2x8" in a later run
  n: number;
  run: number;
  request: Event;
  answer?: Event;
  tokens: Event[];
  path: string;
  tags: string[]; // carried by the request
  failed?: Verdict; // the check that refused
  observed: Verdict[]; // those that would have
  attack: boolean;
  step: string; // the finished step it belongs to; '' while the step goes on
  openFirst: boolean; // calls were made while it was open: the bar begins here
  openLane: string; // whose bar runs through this row; '' if none
  openLast: boolean;
  chain: '' | 'a' | 'm' | 'z'; // place in a chain of redirects
  way?: Row; // whose redirect runs back to the browser through this row, on to what it led to
  leads: boolean; // its redirect led to a request that was recorded
}

// Band is a change of the world, drawn across all lanes, or the place of a request that the playground can't see.
export interface Band {
  kind: 'band';
  id: string;
  event?: Event;
  host?: string; // where the unseen request went
}

export type Item = Row | Band;

// Ghost is the request that a browser holds and has not sent: known, and not recorded.
export interface Ghost {
  kind: 'ghost';
  id: string;
  n: number;
  method: string;
  path: string;
  from: string;
  to: string;
}

// ghost is a request that waits in Maya's browser, if the record knows whom it would reach.
export function ghost(list: Item[], waiting?: { method: string; url: string } | null): Ghost | undefined {
  if (!waiting) return undefined;
  const rows = rowsOf(list);
  const to = rows.findLast((r) => hostOf(r.request.request!.url) === hostOf(waiting.url))?.request.to;
  return to ? { kind: 'ghost', id: 'ghost', n: (rows.at(-1)?.n ?? 0) + 1, method: waiting.method, path: pathOf(waiting.url), from: 'browser', to } : undefined;
}

export const rowsOf = (list: { kind: string }[]): Row[] => list.filter((i): i is Row => i.kind === 'row');

// eventsOf are the messages of a list and the tokens in them.
export const eventsOf = (list: Item[]): Event[] => rowsOf(list).flatMap((r) => [r.request, ...(r.answer ? [r.answer] : []), ...r.tokens]);

// runsOf are the numbers of the runs in a record.
export const runsOf = (events: Event[]): number[] => [...new Set(events.map((e) => e.run))];

const laneOrder = ['browser', 'phone', 'client', 'outside', 'as', 'api', 'spa', 'attacker-browser', 'attacker'];

// lanes are the actors that occur, in their fixed order.
export function lanes(items: Item[]): string[] {
  const seen = new Set<string>();
  for (const i of items) {
    if (i.kind === 'row') {
      seen.add(i.request.from ?? '');
      seen.add(i.request.to ?? '');
    }
  }
  return laneOrder.filter((a) => seen.has(a));
}

// bandKinds are the changes that are drawn; pages and steps are not.
const bandKinds = new Set(['run', 'clock', 'policy', 'setting', 'read']);

export function items(events: Event[]): Item[] {
  const list: Item[] = [];
  const byRequest = new Map<number, Row>();
  const byAnswer = new Map<number, Row>();
  let unfinished: Row[] = [];
  for (const e of events) {
    if (e.request) {
      const row: Row = {
        kind: 'row', id: (e.run > 1 ? `r${e.run}` : '') + `x${e.n}`, n: e.n ?? 0, run: e.run, request: e, tokens: [], path: pathOf(e.request.url),
        tags: carried(e.finds ?? []), observed: [], attack: (e.from ?? '').startsWith('attacker'), step: '', openFirst: false, openLane: '', openLast: false, chain: '', leads: false,
      };
      byRequest.set(e.seq, row);
      unfinished.push(row);
      list.push(row);
    } else if (e.response) {
      const row = byRequest.get(e.of ?? 0);
      if (!row) continue;
      row.answer = e;
      byAnswer.set(e.seq, row);
      row.failed = (e.verdicts ?? []).find((v) => v.outcome === 'fail' && v.mode === 'enforce');
      row.observed = (e.verdicts ?? []).filter((v) => v.outcome === 'fail' && v.mode === 'observe');
      const host = elsewhere(row);
      if (host) list.push({ kind: 'band', id: `u${e.seq}`, host });
    } else if (e.token) {
      (byAnswer.get(e.of ?? 0) ?? byRequest.get(e.of ?? 0))?.tokens.push(e);
    } else if (e.change && bandKinds.has(e.change.what)) {
      list.push({ kind: 'band', id: `c${e.seq}`, event: e });
    } else if (e.change?.what === 'step') {
      for (const row of unfinished) row.step = e.change.step ?? '';
      unfinished = [];
    }
  }
  bars(list);
  chains(list, byAnswer);
  return list;
}

// bars marks the rows that a request was open through: the calls it caused lie inside.
function bars(list: Item[]) {
  list.forEach((outer, i) => {
    if (outer.kind !== 'row') return;
    const end = outer.answer?.seq ?? Infinity;
    let last: Row | undefined;
    for (const inner of list.slice(i + 1)) {
      if (inner.kind !== 'row') continue;
      if (inner.request.seq > end || inner.request.from !== outer.request.to) break;
      inner.openLane = outer.request.to ?? '';
      last = inner;
    }
    if (last) {
      outer.openFirst = true;
      outer.openLane = outer.request.to ?? '';
      last.openLast = true;
    }
  });
}

// chains marks requests that a redirect has led to, with the one that was redirected. Calls that were made meanwhile lie between.
function chains(list: Item[], byAnswer: Map<number, Row>) {
  const rows = rowsOf(list);
  rows.forEach((row, to) => {
    const before = byAnswer.get(row.request.cause ?? 0);
    if (before?.answer?.kind !== 'redirect') return;
    const from = rows.indexOf(before);
    if (rows.slice(from + 1, to).some((r) => r.request.seq > before.answer!.seq)) return; // something else came first
    before.leads = true;
    before.chain = before.chain ? 'm' : 'a';
    row.chain = 'z';
    for (const r of rows.slice(from + 1, to)) {
      r.chain = 'm';
      r.way = before;
    }
  });
}

// elsewhere is the host a redirect leads to where nothing is recorded: an app outside.
function elsewhere(row: Row): string {
  const location = header(row.answer!.response!.headers ?? [], 'Location');
  if (row.answer!.kind !== 'redirect' || !URL.canParse(location)) return '';
  const to = new URL(location);
  return to.protocol.startsWith('http') && !to.hostname.endsWith('.test') && to.host !== new URL(row.request.request!.url).host ? to.host : '';
}

export function pathOf(url: string): string {
  const u = URL.canParse(url) ? new URL(url) : undefined;
  return u ? u.pathname.replace(/^\/s\/[a-z2-7]{16}\/(as|api)/, '') || '/' : url;
}

// halves are an address and its fragment. An example has {code#1} for a value: that isn't where a fragment begins.
export function halves(url: string): [string, string] {
  const at = url.search(/#(?!\d+\})/);
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

// timeOf is when an event happened, on the sandbox's clock. In an example times are taken out, as all that changes is: it has none.
export const timeOf = (e?: Event): string => (e && !e.at.startsWith('1970-') ? e.at.slice(11, 19) : '');

// tagsIn are the tags of the values in a message.
export const tagsIn = (e?: Event): string[] => (e?.finds ?? []).map((f) => f.tag);

// matches tells whether an exchange is what someone looks for: its number, or words in its method, address, status, error or tags.
export function matches(r: Row, query: string): boolean {
  if (/^(#\d+|\d{1,2})$/.test(query)) return String(r.n) === query.replace('#', '');
  const text = [r.request.request!.method, r.request.request!.url, r.answer?.response?.status, r.answer && answerLine(r), r.failed?.check, ...r.observed.map((v) => v.check), ...tagsIn(r.request), ...tagsIn(r.answer)].join(' ').toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

// carried are the tags worth drawing on an arrow: two at the most, tokens and codes before the rest.
function carried(finds: Find[]): string[] {
  const weight = ['access_token', 'refresh_token', 'code', 'id_token', 'code_verifier', 'password', 'client_secret', 'state', 'code_challenge', 'nonce'];
  const tags = [...new Set(finds.filter((f) => weight.includes(f.kind)).map((f) => f.tag))];
  return tags.sort((a, b) => weight.indexOf(a.split('#')[0]!) - weight.indexOf(b.split('#')[0]!)).slice(0, 2);
}

// answerLine says in a word where an answer leads or what it brings.
export function answerLine(row: Row): string {
  const r = row.answer?.response;
  if (!r) return '';
  const location = header(r.headers ?? [], 'Location');
  if (row.answer!.kind === 'redirect') return '→ ' + elsewhere(row) + (URL.canParse(location) ? pathOf(location) : location.split(/[?#]/)[0]);
  if (row.tokens.length) return row.tokens.map((t) => t.token!.tag).join(', ');
  const error = /"error":\s*"([^"]+)"/.exec(r.body ?? '');
  if (error) return error[1]!;
  return header(r.headers ?? [], 'Content-Type').split(';')[0]!;
}

export function header(headers: [string, string][], name: string): string {
  return headers.find((h) => h[0].toLowerCase() === name.toLowerCase())?.[1] ?? '';
}

// valuesOf finds the text behind each tag, so that it can be marked wherever it stands.
export function valuesOf(events: Event[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const e of events) {
    for (const f of e.finds ?? []) {
      const v = values.has(f.tag) ? undefined : textOf(e, f);
      if (v) values.set(f.tag, v);
    }
  }
  return values;
}

function textOf(e: Event, f: Find): string | undefined {
  const address = e.request?.url ?? header(e.response?.headers ?? [], 'Location');
  const message = e.request ?? e.response;
  switch (f.in) {
    case 'query':
      return new URLSearchParams(halves(address)[0].split('?')[1] ?? '').get(f.name) ?? undefined;
    case 'fragment':
      return new URLSearchParams(halves(address)[1]).get(f.name) ?? undefined;
    case 'body': {
      const body = message?.body ?? '';
      if (body.startsWith('{')) {
        try {
          const v: unknown = (JSON.parse(body) as Record<string, unknown>)[f.name];
          return typeof v === 'string' ? v : undefined;
        } catch {
          return undefined;
        }
      }
      return new URLSearchParams(body).get(f.name) ?? undefined;
    }
    case 'header':
      return f.kind === 'access_token' ? header(message?.headers ?? [], 'Authorization').split(' ')[1] : undefined;
  }
  return undefined;
}

// carriers are the exchanges that carry a tag, there or back.
export function carriers(list: Item[], tag: string): Row[] {
  return rowsOf(list).filter((r) => tagsIn(r.request).includes(tag) || tagsIn(r.answer).includes(tag));
}

// refersTo finds the row a lesson's pointer means: a tag's first row, or the latest exchange with a method and path.
export function refersTo(list: Item[], ref: string): Row | undefined {
  const rows = rowsOf(list);
  if (ref.includes('#')) return carriers(list, ref)[0];
  const [method, path] = ref.split(' ');
  return rows.filter((r) => r.request.request!.method === method && r.path === path).at(-1);
}

// curl writes a request as a command that sends it again.
export function curl(e: Event): string {
  const quote = (s: string) => `'` + s.replaceAll(`'`, `'\\''`) + `'`;
  const r = e.request!;
  const skip = new Set(['Host', 'Content-Length', 'Connection']);
  const headers = r.headers.filter((h) => !skip.has(h[0])).map((h) => ` \\\n  -H ${quote(h[0] + ': ' + h[1])}`);
  return `curl -i -X ${quote(r.method)} ${quote(r.url)}${headers.join('')}` + (r.body ? ` \\\n  --data-raw ${quote(r.body)}` : '');
}
