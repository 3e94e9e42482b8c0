// author.ts: a page whose text an author may change while it is open. It asks whether the text is still the one that it shows, and
// if not it is loaded anew: the page keeps its step, its sandbox and its answers over that anyway. A question costs less than a
// line that is held open, of which a browser has six for a server. Nobody who writes or waits is interrupted, and what was chosen and
// not sent is there again. Where there is nothing to compare, since the lesson's file is away, the page stays.
import { keepDrafts } from './drafts';

// On the author's own machine a second is soon; others read what rarely changes.
const every = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname) ? 1000 : 20_000;

const busy = () => document.hidden || document.querySelector('[aria-busy="true"]') !== null || document.activeElement?.matches('textarea, input:not([type="radio"], [type="checkbox"])');

async function look(shown: HTMLMetaElement) {
  try {
    if (!busy()) {
      const answer = await fetch(shown.dataset['from']!, { cache: 'no-store' });
      if (answer.status === 200 && (await answer.text()) !== shown.content && !busy()) return location.reload();
    }
  } catch {
    // The server is away: it is asked again.
  }
  window.setTimeout(() => void look(shown), every);
}

const shown = document.querySelector<HTMLMetaElement>('meta[name="edition"]');
if (shown) {
  void look(shown);
  const lesson = document.querySelector<HTMLElement>('pg-lesson');
  if (lesson) void customElements.whenDefined('pg-lesson').then(() => keepDrafts(lesson, lesson.getAttribute('slug')!)); // its parts are there then
}
