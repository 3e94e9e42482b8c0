// static.ts: the script of every page in a copy without a server. It is one file and no module, so that it works where pages are opened as
// files too, and brings all it needs.
import explained from 'explain.json';
import { chrome } from '../chrome';
import { bring } from '../explain';
import { glossary } from '../glossary';
import '../later';
import '../said';
import './evidence';
import '../graph';
import '../question';
import type { Question } from '../question';
import '../home';
import { leaving } from '../leaving';
import '../runs';
import { grade } from '../static-grade';
import { StaticAttack } from '../static-attack';
import { keys, lines, StaticLesson, watching } from '../static-lesson';

bring(explained);
customElements.define('pg-lesson', StaticLesson);
customElements.define('pg-attack', StaticAttack);
if (document.querySelector('.top')) chrome();
else document.body.classList.add('ready');
glossary();

// A recorded run in a page of others.
const { grain, question } = document.body.dataset;
if (grain === 'run') {
  leaving();
  const record = watching(document.querySelector<HTMLElement>('#wire')!);
  record.events = lines(document.body);
  record.phases = Object.fromEntries([...document.querySelectorAll<HTMLElement>('#steps > li')].map((s) => [s.dataset['step']!, s.dataset['phase']!]));
  record.draw();
}

// A question in a page of others.
if (grain === 'quiz') {
  const block = document.querySelector('.em-q > .block')!;
  const q = document.createElement('pg-quiz') as Question;
  const answers = keys();
  q.className = 'block';
  q.dataset['question'] = question;
  const lesson = document.querySelector('.em-f .end')!.getAttribute('href')!; // what feedback points at stands there
  q.grade = (id, answer) =>
    new Promise((said) => {
      const g = grade(answers[id]!, answer);
      said({ ...g, feedback: g.feedback.replaceAll('href="#wire"', `href="${lesson}"`) });
    });
  q.append(...block.childNodes);
  block.replaceWith(q);
}
