// api.ts: the server's API, typed.
import type { BrowserView, Created, EditedRequest, Given, Graded, Inside, Played, View } from './wire.gen';
import { keep, kept } from './kept';
import { read } from './names';
import { say } from './strings';

// Problem is an error with a sentence for people.
export class Problem extends Error {
  constructor(public status: number, detail: string) {
    super(detail);
  }
}

export async function call<T>(method: string, path: string, key: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {};
  if (key) headers['Authorization'] = 'Bearer ' + key;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let res: Response;
  try {
    res = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), keepalive: method === 'DELETE' }); // what is given up is given up, though its page is left
  } catch {
    throw new Problem(0, say('page.fail'));
  }
  if (!res.ok) {
    const p = (await res.text().then(read).catch(() => ({}))) as { detail?: string };
    throw new Problem(res.status, p.detail ?? say('page.fail'));
  }
  return (res.status === 204 ? undefined : read(await res.text())) as T;
}

// Sandbox is one learner's, with its key.
export class Sandbox {
  constructor(readonly id: string, readonly key: string) {}

  get path() {
    return `/api/sandboxes/${this.id}`;
  }

  static create = (spec: unknown) => call<Created>('POST', '/api/sandboxes', '', spec);

  private at = <T>(method: string, path: string, body?: unknown) => call<T>(method, this.path + path, this.key, body);

  view = () => this.at<View>('GET', '');
  reset = () => this.at<View>('POST', '/reset', {});
  policy = (p: Record<string, string>) => this.at<View>('PUT', '/policy', p);
  settings = (m: Record<string, string>) => this.at<View>('PUT', '/settings', m);
  advance = (by: string) => this.at<View>('POST', '/clock', { advance: by });
  begin = (step: string) => this.at<View>('POST', `/steps/${step}/begin`, {});
  play = (step: string, edits: Record<string, string>, request?: number) => this.at<Played>('POST', `/steps/${step}/play`, { edits, request });
  replay = (step: string) => this.at<Played>('POST', `/steps/${step}/replay`);
  answers = () => this.at<Record<string, Given>>('GET', '/answers');
  answer = (question: string, answer: number[]) => this.at<Graded>('POST', '/answers', { question, answer });
  open = (browser: string, url: string) => this.at<BrowserView>('POST', `/browsers/${browser}/open`, { url });
  back = (browser: string) => this.at<BrowserView>('POST', `/browsers/${browser}/back`);
  forward = (browser: string) => this.at<BrowserView>('POST', `/browsers/${browser}/forward`);
  inside = (browser: string) => this.at<Inside>('GET', `/browsers/${browser}`);
  clients = () => this.at<Record<string, unknown>[]>('GET', '/clients');
  follow = (browser: string, request?: EditedRequest, step = false) => this.at<BrowserView>('POST', `/browsers/${browser}/follow`, { ...(request ? { request } : {}), ...(step ? { step } : {}) });
}

// A seat in a room has sandboxes of its own: those from before stay, for afterwards.
const under = (name: string) => ['sandbox', name, kept<{ key: string }>('seat')?.key.slice(0, 8)].filter(Boolean).join(' ');

// remembered keeps a sandbox in this browser, so that a closed tab loses nothing.
export const remembered = {
  get(name: string): Sandbox | undefined {
    const s = kept<{ id: string; key: string }>(under(name));
    return s?.id && s.key ? new Sandbox(s.id, s.key) : undefined;
  },
  set(name: string, s?: Sandbox) {
    keep(under(name), s && { id: s.id, key: s.key });
  },
};
