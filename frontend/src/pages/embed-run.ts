// embed-run.ts: the script of a recorded run in a page of others: all that the wire of a lesson can, and nobody to ask. The run is a
// lesson's, and in the page, or a file's.
import './evidence';
import { live } from '../embed-live';
import { Record } from '../record';
import type { Event } from '../wire.gen';

const wire = document.querySelector<HTMLElement>('#wire')!;
const { from } = wire.dataset; // undefined: the run is in the page
const record = new Record(wire, { policy: () => undefined, advance: () => undefined });
const send = live({});

// open shows the run of a file, which has a name of its own.
async function open(from: string) {
  record.state = 'loading';
  record.draw();
  try {
    const run = await (await import('../embed-file')).run(from);
    record.readOnly = true;
    record.file = run;
    record.events = run.events;
    record.state = 'live';
    (document.querySelector('#name') ?? document.querySelector('h1')!).textContent = document.title = run.title;
    record.draw();
  } catch (e) {
    const { message } = e as Error;
    const problem = document.createElement('p');
    problem.className = 'problem';
    problem.role = 'alert';
    problem.textContent = message;
    wire.replaceChildren(problem);
    send('error', { message });
  }
}

if (from === undefined) {
  record.events = document.querySelector('#golden')!.textContent!.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line) as Event);
  record.phases = Object.fromEntries([...document.querySelectorAll<HTMLElement>('#steps > li')].map((s) => [s.dataset['step']!, s.dataset['phase']!]));
  record.draw();
} else {
  void open(from);
}
