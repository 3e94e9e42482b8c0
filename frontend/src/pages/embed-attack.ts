// embed-attack.ts: the script of an attack that runs in a page of others.
import '../graph';
import '../attack';
import type { Attack } from '../attack';
import { detail, live } from '../embed-live';

const lesson = document.body.dataset['lesson'];
const attack = document.querySelector<Attack>('pg-attack')!;
const send = live({ reset: () => attack.reset() });
attack.addEventListener('complete', () => send('complete', { lesson }));
attack.addEventListener('problem', (e) => send('error', { message: detail<string>(e) }));
