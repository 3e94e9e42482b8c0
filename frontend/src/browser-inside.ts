// browser-inside.ts: what a browser of the story keeps: where it has been, cookies, storage, and what an extension sees.
import './more';
import { html, nothing } from 'lit';
import { say } from './strings';
import type { Cookie, Entry, Inside } from './wire.gen';

export function inside(i: Inside) {
  const entry = (e: Entry, now: boolean) => html`<li class=${now ? 'now' : ''} aria-current=${now ? 'page' : nothing}>${e.title ? html`<span>${e.title}</span> ` : nothing}<span class="mono">${e.url}</span></li>`;
  const past = i.history.map((e, n) => entry(e, n === i.history.length - 1));
  return html`<div class="inside" id="mb-inside" tabindex="0" role="region" aria-label=${say('browser.inside')}>
    <h3 class="h-sm">${say('browser.history')}</h3><ol>${past}${i.ahead.map((e) => entry(e, false))}</ol>
    <h3 class="h-sm">${say('browser.cookies', { n: i.cookies.length })}</h3>${i.cookies.length ? html`<ul>${i.cookies.map((c) => cookie(c))}</ul>` : nothing}
    <h3 class="h-sm">${say('browser.storage')}</h3>${i.storage.length ? html`<ul>${i.storage.map((p) => html`<li><span class="mono"><b>${p.name}</b>=${p.value}</span><span class="cap">${p.origin}</span></li>`)}</ul>` : html`<p class="cap">${say('browser.storageNone')}</p>`}
    <h3 class="h-sm">${say('browser.extension')}</h3><p class="cap">${say('browser.extensionWhy')}</p><ol>${i.visited.map((u) => html`<li class="mono">${u}</li>`)}</ol></div>`;
}

function cookie(c: Cookie) {
  const flags = [c.secure && 'Secure', c.http_only && 'HttpOnly', `SameSite=${c.same_site}`, c.host_only && say('browser.hostOnly')].filter(Boolean);
  const until = c.expires ? say('browser.until', { when: c.expires.slice(0, 16).replace('T', ' ') }) : say('browser.session');
  return html`<li><span class="mono"><b>${c.name}</b>=${c.value}</span><span class="cap">${c.domain}${c.path}, ${until}, ${flags.join(', ')}</span></li>`;
}
