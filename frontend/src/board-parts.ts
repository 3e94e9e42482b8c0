// board-parts.ts: what the parts of the board share.
import { html } from 'lit';
import { Light } from './parts';
import type { BoardLesson, BoardQuestion, BoardStep } from './room-messages';
import type { Leading } from './roomapi';

// Act does something in the room, with the instructor's key. It tells whether it worked; if it did not, the board says why.
// told is a sentence for the live region, once it is done.
export type Act = (what: (l: Leading) => Promise<unknown>, told?: string) => Promise<boolean>;

// Panel is a part that the keyboard does not fall out of: where what had the focus is gone once it is drawn, home has it.
export class Panel extends Light {
  protected home = ''; // a selector
  private held = false; // the focus was in it before it was drawn

  protected willUpdate(_: unknown) {
    this.held = this.contains(document.activeElement);
  }

  protected updated(changed: unknown) {
    super.updated(changed);
    if (this.held && !this.contains(document.activeElement)) this.querySelector<HTMLElement>(this.home)?.focus({ preventScroll: true });
  }
}

// Place is a step of a lesson.
export interface Place {
  lesson: BoardLesson;
  step: BoardStep;
  n: number; // the step's number, from 1
}

export function place(lessons: BoardLesson[], slug: string, step: string): Place | undefined {
  const lesson = lessons.find((l) => l.slug === slug);
  if (!lesson) return undefined;
  const i = Math.max(0, lesson.steps.findIndex((s) => s.id === step));
  const found = lesson.steps[i];
  return found && { lesson, step: found, n: i + 1 };
}

// placeName is a place as people say it: "8.9 Attack".
export const placeName = (p: Place) => `${p.lesson.number}.${p.n} ${p.step.title}`;

// beside is the step before or after a place; undefined at the ends of the lesson.
export function beside(p: Place, by: 1 | -1): Place | undefined {
  const step = p.lesson.steps[p.n - 1 + by];
  return step && { lesson: p.lesson, step, n: p.n + by };
}

// words is what HTML says, for places that hold text alone, like an option of a select.
export function words(markup: string): string {
  const text = markup.replace(/<\/?(?:code|b|i|em|strong|a|span|abbr)\b[^>]*>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
  return text.replace(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole);
}

// entities are the characters that the server's Markdown and its templates write by name.
const entities: { [name: string]: string } = {
  amp: '&', lt: '<', gt: '>', quot: '"', '#39': '’', '#34': '"', nbsp: ' ',
  lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', ndash: '–', mdash: '—', hellip: '…', laquo: '«', raquo: '»',
};

export const short = (text: string, most = 70) => (text.length > most ? text.slice(0, most - 1).trimEnd() + '…' : text);

export const questionName = (q: BoardQuestion) => short(words(q.html));

// The signs of the board, 16 px and 1.5 px of stroke.
const icon = (d: string) => html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d=${d} /></svg>`;
export const flag = icon('M4 14V2.5h8l-2 3 2 3H4');
export const lock = icon('M4 7.5h8V13H4zM5.8 7.5V5.3a2.2 2.2 0 0 1 4.4 0v2.2');
export const clock = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.7" /><path d="M8 4.8V8l2.2 1.6" /></svg>`;
export const down = icon('m4 6 4 4 4-4');
export const earlier = icon('m10 3.500-4.500 4.500 4.500 4.500');
export const later = icon('m6 3.500 4.500 4.500-4.500 4.500');
export const out = icon('M9.5 3H13v3.500M13 3 7.500 8.500M11 9.500V13H3V5h3.500');
export const saving = icon('M8 2.500v7.500m-3-3 3 3 3-3M3 13.500h10');
export const arrow = icon('M3 8h10m-4-4 4 4-4 4');

// closeMenus closes the menus that a press was not in, and the one that Esc is pressed in.
export function closeMenus(host: HTMLElement) {
  document.addEventListener('click', (e) => {
    for (const menu of host.querySelectorAll<HTMLDetailsElement>('details.drop[open]')) if (!menu.contains(e.target as Node)) menu.open = false;
  });
  host.addEventListener('keydown', (e) => {
    const menu = (e.target as Element).closest<HTMLDetailsElement>('details.drop[open]');
    if (e.key !== 'Escape' || !menu) return;
    e.stopPropagation();
    menu.open = false;
    menu.querySelector('summary')!.focus();
  });
}
