// request-text.ts: a request as a lesson writes it, and what the record tells of its answer. Pure: no DOM.
import { hostNamed } from './hosts';
import { refersTo, type Item, type Row } from './model';

// Answered is what the record tells of the request's answer. Its time is left out where none was recorded.
export interface Answered {
  status: number; // 0: none came
  ms?: number;
}

export interface Parts {
  method: string;
  url: string; // with {{places}} for values of the run
  headers: [string, string][];
  params: [string, string][]; // of the address and of a form
  body: string; // where it is no form
}

// answerOf is the latest answer to such a request in a run.
export function answerOf(list: Item[], text: string, from: string): Answered | undefined {
  const { method, url } = partsOf(text);
  const host = address(url).split('/')[0]!;
  const rows = list.filter((i) => i.kind !== 'row' || (i.request.from === from && (host.includes('{') || hostOf(i) === host))); // a place that isn't filled in names no host
  const row = refersTo(rows, `${method} ${pathOf(url)}`);
  if (!row?.answer) return undefined;
  const ms = Date.parse(row.answer.at) - Date.parse(row.request.at);
  return { status: row.answer.response!.status, ...(ms > 0 ? { ms } : {}) };
}

const hostOf = (r: Row) => new URL(r.request.request!.url).host;

// partsOf reads a request as a lesson writes it: a first line, headers, an empty line, a body.
export function partsOf(text: string): Parts {
  const [head = '', ...rest] = text.trimStart().split(/\r?\n\r?\n/);
  const [first = '', ...lines] = head.split(/\r?\n/);
  const [method = '', url = ''] = first.trim().split(/\s+/);
  const headers = lines.filter((l) => l.includes(':')).map((l): [string, string] => [l.slice(0, l.indexOf(':')).trim(), l.slice(l.indexOf(':') + 1).trim()]);
  const body = rest.join('\n\n').trim();
  const form = headers.length === 0 || headers.some(([k, v]) => k.toLowerCase() === 'content-type' && v.includes('urlencoded')) || /^[\w.]+=[^\n]*$/.test(body);
  const query = url.split('?')[1] ?? '';
  return { method, url: url.split('?')[0]!, headers, params: [...pairs(query), ...(form ? pairs(body.replaceAll('\n', '')) : [])], body: form ? '' : body };
}

function pairs(text: string): [string, string][] {
  return text.split('&').filter(Boolean).map((p) => {
    const at = p.indexOf('=');
    return at < 0 ? [plain(p), ''] : [plain(p.slice(0, at)), plain(p.slice(at + 1))];
  });
}

function plain(s: string): string {
  try {
    return decodeURIComponent(s.replaceAll('+', ' '));
  } catch {
    return s; // not encoded as it should be: shown as it stands
  }
}

// address is a URL as people read it, with the host behind {{as}} and its like.
export const address = (url: string) => url.replace(/^\{\{\s*([a-z]+)\s*\}\}/, (place, actor: string) => hostNamed(actor) ?? place).replace(/^https?:\/\//, '');
export const pathOf = (url: string) => '/' + address(url).split('/').slice(1).join('/');
