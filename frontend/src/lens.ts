// lens.ts: who can see what of a record. Pure: no DOM. An exchange is seen by its two ends. Who listens on the network sees which
// hosts talk, and what they say only where nothing is encrypted. Mallory also sees the addresses she has read out of a history.
// This is teaching, not access control: the learner owns all of the sandbox.
import type { Event } from './wire.gen';
import { halves, type Item, type Row } from './model';

// Sight is how much of an exchange a party sees.
export type Sight = 'all' | 'url' | 'host' | 'none';

// parties are the lenses, in the order of the lanes; '' is everything.
export const parties = ['', 'browser', 'client', 'as', 'api', 'network', 'attacker'];

// party is the side an actor stands on: what Maya's phone or a script in her page sees, is hers to see.
export function party(actor = ''): string {
  if (actor.startsWith('attacker')) return 'attacker';
  if (actor === 'phone' || actor === 'spa') return 'browser';
  return actor === 'outside' ? 'client' : actor;
}

// sight tells how much of an exchange a lens shows. List is the record: what was read in it is known since.
export function sight(lens: string, row: Row, list: Item[]): Sight {
  if (!lens || party(row.request.from) === lens || party(row.request.to) === lens) return 'all';
  const url = row.request.request!.url;
  if (lens === 'network') return url.startsWith('http:') ? 'all' : url.startsWith('http') ? 'host' : 'none'; // what goes from app to app stays on the device
  return lens === 'attacker' && read(list).has(url) ? 'url' : 'none';
}

// sees tells whether a lens shows all of an event.
export function sees(lens: string, e: Event, list: Item[]): boolean {
  if (!lens) return true;
  if (e.change) return e.change.what !== 'read' || party(e.change.actor) === lens;
  const row = list.find((i): i is Row => i.kind === 'row' && (i.request === e || i.answer === e || i.tokens.includes(e)));
  return row !== undefined && sight(lens, row, list) === 'all';
}

// judges tells whether a lens shows what was checked: the receiver knows, and nobody else.
export const judges = (lens: string, row: Row) => !lens || party(row.request.to) === lens;

// count is how many exchanges a lens shows, of how many, and of how many more it knows the address.
export function count(lens: string, list: Item[]) {
  const sights = list.filter((i): i is Row => i.kind === 'row').map((r) => sight(lens, r, list));
  return { seen: sights.filter((s) => s === 'all').length, all: sights.length, urls: sights.filter((s) => s === 'url').length };
}

// read are the addresses that were read out of a history, as their requests had them: without a fragment.
function read(list: Item[]): Set<string> {
  const urls = new Set<string>();
  for (const i of list) if (i.kind === 'band' && i.event?.change?.what === 'read' && i.event.finds?.length) urls.add(halves(i.event.change.to ?? '')[0]);
  return urls;
}
