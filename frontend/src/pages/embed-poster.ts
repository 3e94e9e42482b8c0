// embed-poster.ts: the script of a poster, which stands in its page: it tells the page around how high it is, starts what it shows, and
// says what the frame around it forbids.
import { connect } from '../embed-port';

const { grain, lesson, question, correct, problem } = document.body.dataset;
const start = document.querySelector<HTMLAnchorElement>('#start');

// lacks are the words that a sandbox attribute around this lacks. Where forms are forbidden, none is ever asked to submit; a question needs
// no more than that.
function lacks(): string[] {
  const probe = document.createElement('form');
  let asked = false;
  probe.hidden = true;
  probe.addEventListener('submit', (e) => {
    asked = true;
    e.preventDefault();
  });
  document.body.append(probe);
  probe.requestSubmit();
  probe.remove();
  return [origin === 'null' && start ? 'allow-same-origin' : '', asked ? '' : 'allow-forms'].filter(Boolean);
}

const go = (step = '') => {
  if (!start || !start.offsetParent) return;
  const to = new URL(start.dataset['live']!, location.href);
  to.hash = step || location.hash; // which may carry a run
  send('leaving');
  location.replace(to); // not a page more to go back through
};
const send = connect({ goTo: go });
for (const a of document.querySelectorAll<HTMLAnchorElement>('a[href="/runs"]')) a.hash = location.hash;

const lack = document.querySelector<HTMLElement>('#lack');
const missing = lack ? lacks() : [];
if (missing.length) {
  lack!.querySelector('code')!.textContent = missing.join(' ');
  lack!.hidden = false;
  for (const el of document.querySelectorAll<HTMLElement>('#start, form .btn')) el.hidden = true;
}
start?.addEventListener('click', (e) => {
  e.preventDefault();
  go();
});

send('ready', { grain, lesson, started: false });
if (correct) send('answer', { lesson, question, correct: correct === 'true' });
if (problem) send('error', { message: problem });
else if (missing.length) send('error', { message: lack!.textContent });
