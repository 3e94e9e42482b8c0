// glossary.ts: a term in a lesson tells what it means where it stands. Without script the same link leads to the glossary's page,
// from which the meaning comes.
import { html, render } from 'lit';
import { say } from './strings';
import { trusted } from './trusted';

let page: Promise<Document> | undefined;

// meaning is the entry of a term, taken from the glossary's page, which is asked for once.
async function meaning(term: HTMLAnchorElement): Promise<Element | null> {
  page ??= fetch(term.href).then(async (r) => {
    if (!r.ok) throw new Error(String(r.status));
    return new DOMParser().parseFromString(trusted(await r.text()), 'text/html');
  });
  return (await page.catch(() => ((page = undefined), undefined)))?.getElementById(term.hash.slice(1)) ?? null;
}


export function glossary() {
  const sheet = document.createElement('div');
  sheet.className = 'sheet meaning';
  sheet.popover = 'auto';
  sheet.setAttribute('role', 'dialog');
  sheet.setAttribute('aria-labelledby', 'meaning-h');
  document.body.append(sheet);
  document.addEventListener('click', (e) => {
    const term = (e.target as Element).closest<HTMLAnchorElement>('a.term');
    if (!term || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    void open(term);
  });

  async function open(term: HTMLAnchorElement) {
    const entry = await meaning(term);
    if (!entry) {
      location.href = term.href; // the page itself says what is wrong
      return;
    }
    const dd = document.importNode(entry.querySelector('dd')!, true);
    render(html`<h2 id="meaning-h">${entry.querySelector('dt')!.textContent}</h2><div class="prose">${[...dd.childNodes]}</div><p class="row"><button class="btn sm" autofocus @click=${() => sheet.hidePopover()}>${say('page.close')}</button></p>`, sheet);
    sheet.showPopover();
    const at = term.getBoundingClientRect();
    sheet.style.setProperty('left', `${Math.max(8, Math.min(at.left, innerWidth - sheet.offsetWidth - 8))}px`);
    sheet.style.setProperty('top', `${at.bottom + sheet.offsetHeight + 8 < innerHeight ? at.bottom + 6 : Math.max(8, at.top - sheet.offsetHeight - 6)}px`);
    sheet.addEventListener('toggle', (e) => (e as ToggleEvent).newState === 'closed' && document.activeElement === document.body && term.focus(), { once: true });
  }
}
