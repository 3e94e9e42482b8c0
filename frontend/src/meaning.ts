// meaning.ts: what a term means, in a sheet beside it. It is taken from the glossary's page.
import './more';
import { html, render } from 'lit';
import { say } from './strings';
import { trusted } from './trusted';

let page: Promise<Document> | undefined;
let sheet: HTMLElement | undefined;

// meaning is the entry of a term, taken from the glossary's page, which is asked for once.
async function meaning(term: HTMLAnchorElement): Promise<Element> {
  page ??= fetch(term.href).then(async (r) => {
    if (!r.ok) throw new Error(String(r.status));
    return new DOMParser().parseFromString(trusted(await r.text()), 'text/html');
  });
  page.catch(() => (page = undefined));
  const entry = (await page).getElementById(term.hash.slice(1));
  if (!entry) throw new Error('no such term');
  return entry;
}

function newSheet() {
  const s = document.createElement('div');
  s.className = 'sheet meaning';
  s.popover = 'auto';
  s.setAttribute('role', 'dialog');
  s.setAttribute('aria-labelledby', 'meaning-h');
  document.body.append(s);
  return s;
}

// explain opens the sheet at a term. It fails where the glossary can't be had.
export async function explain(term: HTMLAnchorElement) {
  const entry = await meaning(term);
  const s = (sheet ??= newSheet());
  const dd = document.importNode(entry.querySelector('dd')!, true);
  render(html`<h2 id="meaning-h">${entry.querySelector('dt')!.textContent}</h2><div class="prose">${[...dd.childNodes]}</div><p class="row"><button class="btn sm" autofocus @click=${() => s.hidePopover()}>${say('page.close')}</button></p>`, s);
  s.showPopover();
  const at = term.getBoundingClientRect();
  s.style.setProperty('left', `${Math.max(8, Math.min(at.left, innerWidth - s.offsetWidth - 8))}px`);
  s.style.setProperty('top', `${at.bottom + s.offsetHeight + 8 < innerHeight ? at.bottom + 6 : Math.max(8, at.top - s.offsetHeight - 6)}px`);
  s.addEventListener('toggle', (e) => (e as ToggleEvent).newState === 'closed' && document.activeElement === document.body && term.focus(), { once: true });
}
