// chrome.ts: what every page has: the choice of its look, the list of keys. The server sent the markup.
import { keysOn, setKeys, single } from './keys';

const root = document.documentElement;

// looks are kept as the page's first script, which must not wait for this one, reads them: plain words by these names.
function look(name: 'theme' | 'contrast', value: string) {
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // forbidden: it lasts as long as the page
  }
}

export const help = () => document.querySelector<HTMLDialogElement>('#help');

export function chrome() {
  document.body.classList.add('ready');
  const form = document.querySelector<HTMLFormElement>('#themes');
  if (form) {
    const theme = form.querySelector<HTMLInputElement>(`input[name=theme][value="${root.dataset['theme'] ?? ''}"]`);
    if (theme) theme.checked = true;
    const contrast = form.querySelector<HTMLInputElement>('input[name=contrast]')!;
    contrast.checked = root.dataset['contrast'] === 'more';
    form.addEventListener('submit', (e) => e.preventDefault());
    form.addEventListener('change', () => {
      look('theme', form.querySelector<HTMLInputElement>('input[name=theme]:checked')?.value ?? '');
      look('contrast', contrast.checked ? 'more' : '');
    });
  }
  const switchOff = document.querySelector<HTMLInputElement>('#single-keys');
  if (switchOff) {
    switchOff.checked = keysOn();
    switchOff.addEventListener('change', () => setKeys(switchOff.checked));
  }
  const button = document.querySelector<HTMLElement>('#share');
  button?.addEventListener('click', (e) => {
    e.preventDefault();
    void import('./embed-share').then((m) => m.share(button), () => (location.href = (button as HTMLAnchorElement).href));
  });
  document.querySelector('#how-keys')?.addEventListener('click', () => help()?.showModal());
  document.addEventListener('keydown', (e) => {
    if (e.key === '?' && single(e)) help()?.showModal();
  });
}
