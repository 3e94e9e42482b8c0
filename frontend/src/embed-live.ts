// embed-live.ts: what every part of a lesson has once it runs in a page of others: the line to that page, a rest while nobody sees it,
// and links that leave it.
import { connect, type Handlers, type Send } from './embed-port';
import { glossary } from './glossary';
import { leaving } from './leaving';

export interface Live extends Handlers {
  pause?(on: boolean): void;
}

// live begins; it gives what tells the page around something.
export function live(part: Live): Send {
  const { grain, lesson } = document.body.dataset;
  const send = connect(part);
  glossary();
  leaving();
  if (part.pause) new IntersectionObserver((list) => part.pause!(!list.at(-1)!.isIntersecting)).observe(document.documentElement);
  send('ready', { grain, lesson, started: true });
  return send;
}

// detail is what an event tells.
export const detail = <T>(e: globalThis.Event) => (e as CustomEvent<T>).detail;
