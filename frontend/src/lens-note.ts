// lens-note.ts: how much of the record the party sees through whose lens one looks.
import { html } from 'lit';
import { count } from './lens';
import type { Item } from './model';
import { said, say } from './strings';

const eye = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M1.5 8S4 3.6 8 3.6 14.5 8 14.5 8 12 12.4 8 12.4 1.5 8 1.5 8z" /><circle cx="8" cy="8" r="1.9" /></svg>`;

export function noted(lens: string, list: Item[], outside: boolean) {
  const n = count(lens, list);
  const who = lens === 'client' && outside ? 'outside' : lens;
  const more = (lens === 'network' && n.seen && 'Plain') || (lens === 'attacker' && n.urls && 'Read') || '';
  return html`<p class="lens-note" role="status">${eye}<span>${said(`seen.${who}${more}`, n)} ${!more && lens !== 'network' && n.seen < n.all ? say('seen.rest') : ''}</span></p>`;
}
