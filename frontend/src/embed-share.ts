// embed-share.ts: the dialog that gives a page in the forms in which others can put it into theirs: of the whole lesson, of the step at
// hand, or of an attack. The server writes them. It is asked for with the first press of the button.
import './more';
import { html, nothing, render } from 'lit';
import { call } from './api';
import { copied } from './copy';
import { said, say } from './strings';

interface Shared {
  title: string;
  forms: { name: string; code: string }[];
}

const dialog = document.createElement('dialog');
dialog.className = 'sheet share';
dialog.setAttribute('aria-labelledby', 'share-h');

let lesson = '';
let step = ''; // at hand; empty where there is none
let attack = '';
let whole = false;
let asked = ''; // the latest that was asked for
let shown: Shared | undefined;
let problem = '';
let note = ''; // the form that was copied
let failed = '';

// share opens the dialog of the page that has the button.
export function share(button: HTMLElement) {
  lesson = button.dataset['lesson']!;
  attack = button.dataset['attack'] ?? '';
  const at = document.querySelector<HTMLElement>('.step.now')?.id ?? '';
  step = at === 'intro' ? '' : at;
  whole = !step && !attack;
  const open = () => {
    dialog.showModal();
    void load();
  };
  if (dialog.isConnected) return open();
  document.body.append(dialog);
  const sheet = document.createElement('link'); // its look comes with it
  sheet.rel = 'stylesheet';
  sheet.href = button.dataset['sheet']!;
  sheet.addEventListener('load', open);
  sheet.addEventListener('error', open);
  document.head.append(sheet);
}

async function load() {
  shown = undefined;
  problem = note = failed = '';
  draw();
  const part = whole ? '' : attack ? `?attack=${encodeURIComponent(attack)}` : `?step=${encodeURIComponent(step)}`;
  const path = `/api/lessons/${lesson}/share${part}`;
  asked = path;
  let answer: Shared | undefined;
  let why = '';
  try {
    answer = await call<Shared>('GET', path, '');
  } catch (e) {
    why = (e as Error).message;
  }
  if (asked !== path) return; // another part was chosen meanwhile
  [shown, problem] = [answer, why];
  draw();
}

function pick(all: boolean) {
  whole = all;
  void load();
}

async function copy(name: string, code: string) {
  const done = await copied(code);
  note = done ? name : '';
  failed = done ? '' : name;
  draw();
}

function draw() {
  const one = attack ? say('share.attack') : say('share.step');
  render(
    html`<header class="row spread"><h2 id="share-h">${say('share.share')}</h2><form method="dialog"><button class="btn sm plain">${say('page.close')}</button></form></header>
      ${step || attack ? html`<span class="seg" role="radiogroup" aria-label=${say('share.what')}><label><input type="radio" name="share" .checked=${!whole} @change=${() => pick(false)} />${one}</label><label><input type="radio" name="share" .checked=${whole} @change=${() => pick(true)} />${say('share.lesson')}</label></span>` : nothing}
      <p class="soft">${shown?.title ?? ''}</p>
      ${problem ? html`<p class="problem" role="alert">${problem}</p><p><button class="btn" @click=${() => void load()}>${say('share.again')}</button></p>` : nothing}
      ${(shown?.forms ?? []).map((f) => html`<figure class="code"><figcaption class="row spread"><span class="cap">${said(`share.form.${f.name}`)}</span><button class="btn sm plain" @click=${() => void copy(f.name, f.code)}>${say(note === f.name ? 'inspector.copied' : 'workbench.copyShort')}<span class="sr"> ${said(`share.form.${f.name}`)}</span></button></figcaption>
        <pre class="http" tabindex="0">${f.code}</pre>${failed === f.name ? html`<p class="problem">${say('workbench.notCopied')}</p>` : nothing}</figure>`)}
      <p class="cap"><a href="/embed?lesson=${lesson}">${say('share.more')}</a></p><p class="sr" role="status">${note ? say('inspector.copied') : ''}</p>`,
    dialog,
  );
}
