// embed-run.ts: the script of a recorded run in a page of others: all that the wire of a lesson can, and nobody to ask.
import './evidence';
import { live } from '../embed-live';
import { Record } from '../record';
import type { Event } from '../wire.gen';

const record = new Record(document.querySelector<HTMLElement>('#wire')!, { policy: () => undefined, advance: () => undefined });
record.events = document.querySelector('#golden')!.textContent!.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line) as Event);
record.phases = Object.fromEntries([...document.querySelectorAll<HTMLElement>('#steps > li')].map((s) => [s.dataset['step']!, s.dataset['phase']!]));
record.draw();
live({});
