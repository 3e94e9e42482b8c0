// roomapi.ts: the server's API of rooms, typed; and the keys of rooms that this browser keeps, which are never in an address.
import { call, Problem } from './api';
import { keep, kept } from './kept';
import type { Pace, Phase, RoomState, Rows, Vote } from './room-messages';
import { say } from './strings';
import type { Created } from './wire.gen';

// Opened is a room with the key that leads it.
export interface Opened {
  code: string;
  key: string;
  title: string;
  join: string; // the address for learners
  projector: string; // the address for the screen
}

export interface RoomView {
  code: string;
  title: string;
  here: number;
  name: string; // one that is free
}

export interface Seat {
  code: string;
  title: string;
  learner: { id: string; name: string };
  key: string;
  join: string;
}

// Lead is what an instructor sets; what is left out stays.
export interface Lead {
  pace?: Pace;
  lesson?: string;
  step?: string;
  locked?: boolean;
  timer?: number; // seconds from now; 0 ends it
}

export type Export = 'votes' | 'answers' | 'progress' | 'json';

const at = (code: string, path = '') => `/api/rooms/${encodeURIComponent(code)}${path}`;

// What anybody may ask.
export const rooms = {
  open: (title: string, lesson: string) => call<Opened>('POST', '/api/rooms', '', { ...(title && { title }), ...(lesson && { lesson }) }),
  claim: (code: string, pass: string) => call<Opened>('POST', at(code, '/claim'), '', { pass }),
  view: (code: string) => call<RoomView>('GET', at(code), ''),
  join: (code: string, name: string) => call<Seat>('POST', '/api/rooms/join', '', { code, name }),
};

// Leading is what the instructor's key opens.
export class Leading {
  constructor(readonly code: string, readonly key: string) {}

  private call = <T>(method: string, path: string, body?: unknown) => call<T>(method, at(this.code, path), this.key, body);

  rows = () => this.call<Rows>('GET', '/board');
  lead = (l: Lead) => this.call<RoomState>('PUT', '/lead', l);
  bring = (lesson: string, step: string) => this.call<RoomState>('POST', '/bring', { lesson, step });
  ask = (lesson: string, question: string) => this.call<RoomState>('POST', '/asks', { lesson, question });
  peek = () => this.call<Vote>('GET', '/peek');
  phase = (ask: string, phase: Phase | 'over') => this.call<RoomState>('PUT', '/phase', { ask, phase });
  hint = (learner: string, text: string) => this.call<object>('POST', `/learners/${learner}/hint`, { text });
  reset = (learner: string) => this.call<object>('POST', `/learners/${learner}/reset`, {});
  remove = (learner: string) => this.call<void>('DELETE', `/learners/${learner}`);
  rehearse = (learners: number) => this.call<object>('POST', '/rehearsal', { learners });
  endRehearsal = () => this.call<object | undefined>('DELETE', '/rehearsal');
  end = () => this.call<void>('DELETE', '');

  // export is a file of what the room has given, by pseudonym.
  async export(what: Export): Promise<Blob> {
    const path = what === 'json' ? '/export.json' : `/export.csv?what=${what}`;
    const res = await fetch(at(this.code, path), { headers: { Authorization: 'Bearer ' + this.key } }).catch(() => undefined);
    if (!res?.ok) throw new Problem(res?.status ?? 0, ((await res?.json().catch(() => undefined)) as { detail?: string } | undefined)?.detail ?? say('page.fail'));
    return res.blob();
  }
}

// Seated is what a learner's key opens.
export class Seated {
  constructor(readonly code: string, readonly key: string) {}

  private call = <T>(method: string, path: string, body?: unknown) => call<T>(method, at(this.code, path), this.key, body);

  vote = (ask: string, round: number, answer: number[]) => this.call<{ counted: boolean }>('POST', '/votes', { ask, round, answer });
  hand = (up: boolean) => this.call<object>('POST', '/hand', { up });
  seen = (hint: number) => this.call<object>('POST', '/seen', { hint });
  sandbox = (lesson: string) => this.call<Created>('POST', '/sandboxes', { lesson });
  leave = () => this.call<void>('DELETE', '/seat');
}

// Held is a room that this browser leads.
export interface Held {
  code: string;
  key: string;
  title: string;
  join: string;
  when: string; // RFC 3339, when it was opened here
}

// held are the rooms of this browser, the newest first.
export const held = () => (kept<Held[]>('rooms') ?? []).filter((r) => r.code && r.key);

export function hold(o: Opened, now = new Date()) {
  keep('rooms', [{ code: o.code, key: o.key, title: o.title, join: o.join, when: now.toISOString() }, ...held().filter((r) => r.code !== o.code)]);
}

export const letGo = (code: string) => keep('rooms', held().filter((r) => r.code !== code));

// plainCode is a room's code as addresses have it, however it was typed; shownCode is the one for people.
export const plainCode = (typed: string) => typed.toUpperCase().replace(/[^A-Z0-9]/g, '');
export const shownCode = (code: string) => (code.length === 6 ? `${code.slice(0, 3)}-${code.slice(3)}` : code);
