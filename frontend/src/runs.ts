// pg-runs: runs that come as files. They are read in this browser and go nowhere: chosen, dropped, pasted, from an address of this site
// (?from=/path), or from the link itself (#run=…). One is shown, as it was recorded; a second can stand beside it.
import { html, nothing, render } from 'lit';
import { copied } from './copy';
import { rowsOf, items } from './model';
import { narrow, Record } from './record';
import { longestLink, packed, unpacked, upTo, type SavedRun } from './saved';
import { maxSaved, read, told } from './saved-read';
import { path } from './site';
import { said, say } from './strings';

// Opened is a run, and what it is called here.
interface Opened {
  name: string;
  run: SavedRun;
}

export class Runs extends HTMLElement {
  private record!: Record;
  private opened: Opened[] = []; // the one that is shown, and perhaps one beside it
  private problem = '';
  private said = ''; // what was done, for everybody
  private linked = ''; // the run that is in the address
  private panel = document.createElement('div');
  private dragged = 0;
  private asked = 0; // how often something was to be opened

  connectedCallback() {
    this.panel.className = 'stack';
    const step = this.querySelector('.step')!;
    step.insertBefore(this.panel, step.querySelector('section')); // a copy's own runs stand below what is open
    this.record = new Record(this.querySelector<HTMLElement>('.evidence')!, { policy: () => undefined, advance: () => undefined });
    this.record.readOnly = true;
    this.record.empty = say('runs.empty');
    this.addEventListener('dragenter', (e) => this.drag(e, 1));
    this.addEventListener('dragleave', (e) => this.drag(e, -1));
    this.addEventListener('dragover', (e) => e.preventDefault());
    this.addEventListener('drop', (e) => {
      e.preventDefault();
      this.dragged = 0;
      this.draw();
      void this.files([...(e.dataTransfer?.files ?? [])]);
    });
    document.addEventListener('paste', (e) => {
      if ((e.target as Element).closest?.('input, textarea')) return;
      const text = e.clipboardData?.getData('text/plain');
      if (text) void this.open(say('runs.paste'), () => Promise.resolve(new TextEncoder().encode(text)));
    });
    window.addEventListener('hashchange', () => this.toHash());
    this.record.draw();
    this.draw();
    const from = new URLSearchParams(location.search).get('from');
    if (from !== null) void this.from(from);
    else this.toHash();
  }

  private drag(e: DragEvent, by: number) {
    if (!e.dataTransfer?.types.includes('Files')) return;
    e.preventDefault();
    this.dragged += by;
    this.draw();
  }

  // toHash opens the run that the address carries, or shows the exchange that it names.
  private toHash() {
    const hash = new URLSearchParams(location.hash.slice(1));
    const run = hash.get('run');
    if (!run || run === this.linked) return this.toExchange();
    this.linked = run;
    void this.open(say('runs.link'), () => unpacked(run, maxSaved).catch(() => Promise.reject(new Error(say('runs.linkBroken')))), { addressed: true });
  }

  private toExchange() {
    const id = new URLSearchParams(location.hash.slice(1)).get('at') ?? location.hash.slice(1);
    if (this.record.rows().some((r) => r.id === id)) void this.record.select(id, narrow());
  }

  private async from(address: string) {
    await this.open(address, async () => {
      if (location.protocol === 'file:') throw new Error(say('runs.fromFile'));
      const url = URL.canParse(address, location.href) ? new URL(address, location.href) : undefined;
      if (url?.origin !== location.origin) throw new Error(say('runs.foreign'));
      const res = await fetch(url, { credentials: 'omit', redirect: 'error' }).catch(() => undefined);
      if (!res?.ok || !res.body) throw new Error(say('runs.notThere', { path: url.pathname }));
      return upTo(res.body, maxSaved);
    }, { addressed: true });
  }

  // files opens what was chosen or dropped: one is shown, of two the second stands beside the first.
  private async files(list: File[], beside = false) {
    for (const [i, f] of list.slice(0, 2).entries()) await this.open(f.name, () => upTo(f.stream(), maxSaved), { beside: beside || i > 0 });
  }

  // open shows a run in the place of what is shown, or with that beside it. An address that leads to another one is let go of.
  private async open(name: string, bytes: () => Promise<Uint8Array>, { beside = false, addressed = false } = {}) {
    this.problem = this.said = '';
    const asked = ++this.asked;
    let run: SavedRun;
    try {
      const all = await bytes();
      if (asked !== this.asked) return; // what was wanted later is here already
      run = read(all);
    } catch (e) {
      if (asked !== this.asked) return;
      this.problem = say('runs.problem', { name, why: e instanceof Error && e.constructor === Error ? e.message : told(e) });
      this.draw();
      return;
    }
    if (!addressed && (location.search || this.linked)) {
      this.linked = '';
      history.replaceState(null, '', location.pathname);
    }
    const first = this.opened[0];
    this.opened = beside && first ? [{ name, run }, first] : [{ name, run }];
    this.show();
    this.panel.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    this.toExchange();
  }

  // show draws the first of what is open; the other one stands beside it.
  private show() {
    const [shown, other] = this.opened;
    this.record.clear();
    this.record.events = shown?.run.events ?? [];
    this.record.file = shown?.run;
    const last = other?.run.events.at(-1)!.run;
    this.record.other = other && { a: rowsOf(items(other.run.events.filter((e) => e.run === last))), names: [this.called(other), this.called(shown!)] };
    this.record.compare(other !== undefined);
    this.draw();
  }

  // called is what a run is called beside another: by its title, and by its file where that is the same.
  private called(o: Opened): string {
    const same = this.opened.every((x) => x.run.title === o.run.title);
    return same ? o.name : o.run.title;
  }

  private async copyLink(o: Opened) {
    const text = await packed(o.run);
    if (!text) {
      this.said = say('runs.tooLong', { n: longestLink });
      return this.draw();
    }
    this.linked = text;
    const at = this.record.shown ? `&at=${this.record.shown}` : '';
    history.replaceState(null, '', `${location.pathname}#run=${text}${at}`);
    this.said = say((await copied(location.href)) ? 'runs.copied' : 'runs.notCopied');
    this.draw();
  }

  private close() {
    this.opened = [];
    this.linked = this.said = this.problem = '';
    history.replaceState(null, '', location.pathname);
    this.show();
    this.panel.querySelector<HTMLElement>('input')?.focus({ preventScroll: true });
  }

  private draw() {
    const [shown, other] = this.opened;
    this.classList.toggle('dragging', this.dragged > 0);
    render(
      html`${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        ${shown ? this.card(shown, other) : nothing}
        <div class="drop stack">${this.dragged > 0 || !shown ? html`<p class="soft">${say(this.dragged > 0 ? 'runs.drop' : 'runs.how')}</p>` : nothing}
          ${this.chooser(shown ? say('runs.second') : say('runs.choose'), shown !== undefined, !shown)}
          ${shown ? this.chooser(say('runs.choose'), false, false) : nothing}
          <details class="said"><summary>${say('runs.pasted')}</summary><form class="pad stack" @submit=${(e: SubmitEvent) => this.pasted(e)}>
            <label class="stack">${say('runs.text')}<textarea name="text" rows="5" required spellcheck="false" class="mono"></textarea></label><button class="btn">${say('runs.openText')}</button></form></details></div>`,
      this.panel,
    );
  }

  private pasted(e: SubmitEvent) {
    e.preventDefault();
    const form = e.target as HTMLFormElement;
    const text = String(new FormData(form).get('text'));
    void this.open(say('runs.paste'), () => Promise.resolve(new TextEncoder().encode(text))).then(() => {
      if (!this.problem) {
        form.reset();
        form.closest('details')!.open = false;
      }
    });
  }

  private chooser(label: string, beside: boolean, first: boolean) {
    const chosen = (e: Event) => {
      const input = e.target as HTMLInputElement;
      void this.files([...(input.files ?? [])], beside).then(() => (input.value = ''));
    };
    return html`<label class="btn file ${first ? 'do big' : ''}">${label}<input class="sr" type="file" accept=".json,application/json" ?multiple=${!beside} @change=${chosen} /></label>`;
  }

  private card({ name, run }: Opened, other?: Opened) {
    const n = rowsOf(items(run.events)).length;
    const made = run.made.startsWith('1970-') ? nothing : html`, ${say('runs.made', { day: new Date(run.made).toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' }) })}`;
    const gone = run.redacted.map((r) => said(`runs.redacted.${r}`)).join(', ');
    return html`<section class="note stack" aria-labelledby="run-h"><h2 class="h-sm" id="run-h" tabindex="-1">${run.title}</h2>
      <p class="cap">${name}, ${say('runs.exchanges', { n })}${made}</p>
      <p class="soft">${gone ? say('runs.without', { what: gone }) : say('runs.whole')} ${say('runs.believe')} ${run.redacted.includes('signatures') ? nothing : say('runs.anew')}</p>
      ${run.lesson ? html`<p><a href=${path(`/lessons/${run.lesson}`)}>${say('runs.ofLesson')}</a></p>` : nothing}
      ${other ? html`<p class="row spread"><span>${say('runs.beside')} <b>${this.called(other)}</b></span><button class="btn sm" @click=${() => this.swap()}>${say('runs.swap')}</button></p>` : nothing}
      <p class="row wrap"><button class="btn sm" @click=${() => void this.copyLink(this.opened[0]!)}>${say('runs.copyLink')}</button><button class="btn sm plain" @click=${() => this.close()}>${say('runs.close')}</button></p>
      <p class="cap" role="status">${this.said}</p></section>`;
  }

  private swap() {
    this.opened.reverse();
    this.show();
  }
}
customElements.define('pg-runs', Runs);
