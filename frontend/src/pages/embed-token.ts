// embed-token.ts: the script of a token in a page of others: the lesson is played up to where it comes, in a sandbox of the reader's
// own, so that it is a real one, with the key set that was fetched for it.
import '../token';
import { html, render } from 'lit';
import { Problem, Sandbox } from '../api';
import { live } from '../embed-live';
import { items, rowsOf, tagsIn, valuesOf } from '../model';
import { say } from '../strings';
import type { Event } from '../wire.gen';

const { lesson } = document.body.dataset;
const host = document.querySelector<HTMLElement>('#token')!;
const { tag = '', step = '' } = host.dataset;
host.replaceChildren();

// get plays the lesson and shows the token.
async function get() {
  render(html`<p class="empty" role="status">${say('embed.getting')}</p>`, host);
  try {
    const made = await Sandbox.create({ lesson });
    const sandbox = new Sandbox(made.id, made.key);
    const { state } = await sandbox.replay(step);
    const res = await fetch(`/api/sandboxes/${made.id}/trace`, { headers: { Authorization: 'Bearer ' + made.key } }).catch(() => undefined);
    if (!res?.ok) throw new Problem(res?.status ?? 0, say('page.fail'));
    const events = (await res.text()).trim().split('\n').map((line) => JSON.parse(line) as Event);
    const rows = rowsOf(items(events));
    const event = events.find((e) => e.token?.tag === tag);
    const row = rows.find((r) => tagsIn(r.answer).includes(tag)) ?? rows.find((r) => tagsIn(r.request).includes(tag));
    if (!event || !row) throw new Problem(0, say('page.fail'));
    render(html`<pg-token alone .event=${event} .raw=${valuesOf(events).get(tag) ?? ''} .row=${row} .rows=${rows} .now=${state.now}></pg-token>`, host);
    send('complete', { lesson });
  } catch (e) {
    const message = (e as Error).message;
    render(html`<p class="problem" role="alert">${message}</p><p class="empty"><button class="btn do" @click=${() => void get()}>${say('embed.reset')}</button></p>`, host);
    send('error', { message });
  }
}

const send = live({ reset: () => void get() });
void get();
