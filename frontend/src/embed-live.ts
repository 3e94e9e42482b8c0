// embed-live.ts: what every part of a lesson has once it runs in a page of others: the line to that page, a rest while nobody sees it,
// and links that leave it for a window of their own, since no other page of ours may stand in the frame.
import { connect, type Handlers, type Send } from './embed-port';
import { glossary } from './glossary';

export interface Live extends Handlers {
  pause?(on: boolean): void;
}

// live begins; it gives what tells the page around something.
export function live(part: Live): Send {
  const { grain, lesson } = document.body.dataset;
  const send = connect(part);
  glossary();
  document.addEventListener('click', (e) => {
    const a = (e.target as Element).closest<HTMLAnchorElement>('a[href]');
    if (!a || a.origin + a.pathname === location.origin + location.pathname) return;
    a.target = '_blank';
    a.rel = 'noopener';
  }, true);
  if (part.pause) new IntersectionObserver((list) => part.pause!(!list.at(-1)!.isIntersecting)).observe(document.documentElement);
  send('ready', { grain, lesson, started: true });
  return send;
}

// detail is what an event tells.
export const detail = <T>(e: globalThis.Event) => (e as CustomEvent<T>).detail;
