// embeds.ts: the script of the page of worked examples: its buttons copy.
import './page';
import { copied } from '../copy';

const main = document.querySelector<HTMLElement>('#main')!;
const status = document.querySelector<HTMLElement>('#copied')!;

main.addEventListener('click', (e) => {
  const button = (e.target as Element).closest<HTMLElement>('[data-copy]');
  const code = button?.closest('figure')?.querySelector('pre');
  if (!button || !code) return;
  void copied(code.textContent!).then((done) => {
    status.textContent = main.dataset[done ? 'said' : 'unsaid']!;
    if (!done) getSelection()?.selectAllChildren(code); // by hand, then
    else button.firstChild!.textContent = main.dataset['said']!;
  });
});
