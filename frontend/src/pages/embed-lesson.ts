// embed-lesson.ts: the script of a lesson, or of some of its steps, that runs in a page of others.
import './evidence';
import '../browser';
import '../question';
import { EmbeddedLesson, type Told } from '../embed-lesson';
import { detail, live } from '../embed-live';
import { say } from '../strings';
import type { Graded } from '../wire.gen';

const slug = document.body.dataset['lesson'];
const lesson = document.querySelector<EmbeddedLesson>('pg-lesson')!;
const hears = <K extends keyof Told>(what: K, does: (it: Told[K]) => void) => lesson.addEventListener('told' + what, (e) => does(detail<Told[K]>(e)));
const send = live({
  goTo: (step) => void (lesson.goTo(step) || send('error', { message: say('embed.noStep', { step }) })),
  reset: () => void lesson.reset(),
  pause: (on) => lesson.pause(on),
});
hears('step', (step) => send('step', { lesson: slug, step }));
hears('complete', () => send('complete', { lesson: slug }));
hears('problem', (message) => send('error', { message }));
lesson.addEventListener('answered', (e) => send('answer', { lesson: slug, question: (e.target as HTMLElement).dataset['question'], correct: detail<Graded>(e).correct }));
customElements.define('pg-lesson', EmbeddedLesson);
