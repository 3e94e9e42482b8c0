// drafts.ts: what a learner has typed or chosen in a lesson and not sent, while the class takes them elsewhere: changed requests,
// answers and votes. It lasts as long as the tab, and nothing of it is sent anywhere.
import type { Browser } from './browser';
import { ofTab } from './kept';
import type { Question } from './question';
import type { Request } from './request';

// Draft is what of a page was not sent.
export interface Draft {
  requests: Record<string, string>; // text, by step and number
  answers: Record<string, number[]>; // by question
  browsers: Record<string, string>; // a changed request that waits in a browser, by whose it is
}

// drafted and draft keep anything by a name; undefined forgets it.
export const drafted = <T>(name: string) => ofTab.get<T>('draft ' + name);
export const draft = (name: string, value: unknown) => ofTab.set('draft ' + name, value);

const named = (r: Request) => `${r.closest('.step')?.id ?? ''} ${r.dataset['index'] ?? '0'}`;

// collect finds what a lesson's page holds that was not sent.
export function collect(lesson: ParentNode): Draft | undefined {
  const d: Draft = { requests: {}, answers: {}, browsers: {} };
  for (const r of lesson.querySelectorAll<Request>('pg-request[data-edit]')) if (r.edited) d.requests[named(r)] = r.source;
  for (const q of lesson.querySelectorAll<Question>('pg-quiz, pg-predict')) {
    if (q.unsent?.some(Boolean)) d.answers[q.dataset['question']!] = q.unsent; // its script may be on its way
  }
  for (const b of lesson.querySelectorAll<Browser>('pg-browser')) if (b.draft !== undefined) d.browsers[b.who] = b.draft;
  return Object.values(d).some((part) => Object.keys(part).length) ? d : undefined;
}

// bring puts a draft back into the places that are there, and takes from it what has found its place.
export function bring(lesson: ParentNode, d: Draft) {
  for (const r of lesson.querySelectorAll<Request>('pg-request[data-edit]')) {
    const text = d.requests[named(r)];
    if (text === undefined || !r.change) continue; // its script may be on its way
    delete d.requests[named(r)];
    r.change(text);
  }
  for (const q of lesson.querySelectorAll<Question>('pg-quiz, pg-predict')) {
    const answer = d.answers[q.dataset['question']!];
    if (!answer || !q.choose) continue;
    delete d.answers[q.dataset['question']!];
    q.choose(answer);
  }
  for (const b of lesson.querySelectorAll<Browser>('pg-browser')) {
    const text = d.browsers[b.who];
    if (text === undefined || !b.querySelector('.pending')) continue; // until it waits, there is nothing to change
    delete d.browsers[b.who];
    b.draft = text;
  }
}

// keepDrafts keeps what is not sent of a lesson, from one visit of the tab to the next.
export function keepDrafts(lesson: HTMLElement, name: string) {
  const waiting = drafted<Draft>(name);
  const keepNow = () => {
    const d = collect(lesson);
    // What has not found its place yet is not lost by leaving again.
    draft(name, waiting && d ? { requests: { ...waiting.requests, ...d.requests }, answers: { ...waiting.answers, ...d.answers }, browsers: { ...waiting.browsers, ...d.browsers } } : (d ?? left(waiting)));
  };
  for (const kind of ['input', 'change', 'click']) lesson.addEventListener(kind, () => queueMicrotask(keepNow));
  addEventListener('pagehide', keepNow);
  if (!waiting) return;
  const put = () => {
    bring(lesson, waiting);
    if (!left(waiting)) watch.disconnect();
  };
  // A request stands in the page once its prediction is locked, and is itself once its script is there.
  const watch = new MutationObserver(put);
  watch.observe(lesson, { childList: true, subtree: true });
  void customElements.whenDefined('pg-request').then(put);
  put();
}

const left = (d: Draft | undefined) => (d && Object.values(d).some((part) => Object.keys(part).length) ? d : undefined);
