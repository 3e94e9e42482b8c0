// edit.ts: a request as text that a person can change: a parameter on each line. Broken lines are put together again.
import type { EditedRequest } from './wire.gen';

export function linesOf(r: EditedRequest): string {
  const [address = '', query] = split(r.url, '?');
  const lines = query === undefined ? [`${r.method} ${address}`] : [`${r.method} ${address}`, ...broken(query).map((p, i) => (i ? '&' : '?') + p)];
  return r.body ? [...lines, '', ...broken(r.body).map((p, i) => (i ? '&' : '') + p)].join('\n') : lines.join('\n');
}

// requestOf reads it back; what the text doesn't have stays as it was.
export function requestOf(text: string, before: EditedRequest): EditedRequest {
  const [head = '', ...body] = text.trim().split(/\n\s*\n/);
  const [method = '', ...url] = head.split(/\s+/);
  return { ...before, method, url: url.join(''), body: body.join('\n\n').replace(/\s*\n\s*/g, '') };
}

function split(s: string, at: string): [string, string?] {
  const i = s.indexOf(at);
  return i < 0 ? [s] : [s.slice(0, i), s.slice(i + 1)];
}

const broken = (query: string) => query.split('&');
