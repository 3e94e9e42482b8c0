// expiry.ts: what has run out when the clock is wound forward. Pure. Only what the record says counts: the exp of a decoded token,
// the expires_in of an answer, the Max-Age of a cookie. What isn't said there, isn't guessed.
import { header } from './model';
import type { Event, Find } from './wire.gen';

// expired are the tags of the values that ran out between two moments, in the order they were made.
export function expired(events: Event[], from: string, to: string): string[] {
  return [...lives(events)].filter(([, end]) => end > Date.parse(from) && end <= Date.parse(to)).map(([tag]) => tag);
}

// lives are the ends of all values whose end is known, in milliseconds.
function lives(events: Event[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const e of events) {
    const exp = e.token?.claims?.['exp'];
    if (typeof exp === 'number') ends.set(e.token!.tag, exp * 1000);
    if (!e.response) continue;
    for (const f of e.finds ?? []) {
      const seconds = lifetime(e, f);
      if (seconds > 0) ends.set(f.tag, Date.parse(e.at) + seconds * 1000);
    }
  }
  return ends;
}

// lifetime is how many seconds an answer gives a value that it brings, or 0 if it doesn't say.
function lifetime(e: Event, f: Find): number {
  const r = e.response!;
  if (f.in === 'cookie') {
    const cookie = (r.headers ?? []).find((h) => h[0] === 'Set-Cookie' && h[1].startsWith(f.name + '='))?.[1] ?? '';
    return Number(/;\s*max-age=(\d+)/i.exec(cookie)?.[1] ?? 0);
  }
  if (f.kind !== 'access_token') return 0;
  const said = f.in === 'fragment' ? /[#&]expires_in=(\d+)/.exec(header(r.headers ?? [], 'Location')) : f.in === 'body' ? /"expires_in":\s*(\d+)/.exec(r.body ?? '') : null;
  return Number(said?.[1] ?? 0);
}

// span is a length of time in words, in its two largest units: "10 min", "1 h 30 min".
export function span(seconds: number): string {
  let s = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, length] of [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]] as const) {
    const n = Math.floor(s / length);
    if (n) parts.push(`${n} ${unit}`);
    s -= n * length;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
