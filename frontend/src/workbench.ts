// pg-workbench: an issuer for an app outside, and what the app sends. The sandbox is kept for this tab.
import { html, nothing, render } from 'lit';
import { Problem, remembered, Sandbox } from './api';
import { Record } from './record';
import { Stream } from './stream';
import { say } from './strings';
import type { Created, View } from './wire.gen';

export class Workbench extends HTMLElement {
  private record!: Record;
  private sandbox?: Sandbox;
  private created?: Created;
  private view?: View;
  private problem = '';
  private panel!: HTMLElement;

  connectedCallback() {
    this.panel = document.createElement('div');
    this.panel.className = 'stepper';
    this.querySelector('.steps')!.append(this.panel);
    this.record = new Record(this.querySelector<HTMLElement>('.evidence')!, {
      policy: (p) => void this.act((s) => s.policy(p)),
      advance: (by) => void this.act((s) => s.advance(by)),
    });
    this.record.empty = say('workbench.empty');
    this.record.draw();
    const known = remembered.get('workbench');
    if (known) void this.attach(known);
    this.draw();
  }

  private async act(what: (s: Sandbox) => Promise<View>) {
    if (!this.sandbox) return;
    this.problem = '';
    try {
      this.took(await what(this.sandbox));
    } catch (e) {
      this.problem = (e as Error).message;
      this.draw();
    }
  }

  private async make(login: string) {
    this.problem = '';
    try {
      this.created = await Sandbox.create({ kind: 'workbench', login });
      const s = new Sandbox(this.created.id, this.created.key);
      remembered.set('workbench', s);
      await this.attach(s);
    } catch (e) {
      this.problem = (e as Error).message;
    }
    this.draw();
  }

  private async attach(s: Sandbox) {
    try {
      this.took(await s.view());
    } catch (e) {
      if (e instanceof Problem && e.status !== 0) remembered.set('workbench', undefined);
      return;
    }
    this.sandbox = s;
    new Stream(s, {
      event: (e) => this.record.take(e),
      fresh: () => (this.record.clear(), this.record.draw()),
      gap: () => (this.record.note = say('page.gap')),
      state: (state) => {
        this.record.note = state === 'lost' ? say('page.lostConnection', { n: this.record.rows().at(-1)?.n ?? 0 }) : '';
        this.record.draw();
      },
      gone: () => {
        remembered.set('workbench', undefined);
        this.sandbox = this.view = this.record.view = undefined;
        this.record.draw();
        this.problem = say('page.newSandbox');
        this.draw();
      },
    });
  }

  private took(v: View) {
    this.view = this.record.view = v;
    this.record.empty = say('workbench.waiting');
    this.record.draw();
    this.draw();
  }

  private draw() {
    const demo = this.created?.clients[0] as { client_id?: string; client_secret?: string; redirect_uris?: string[] } | undefined;
    render(
      html`${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        ${this.view
          ? html`<dl class="kv mono"><dt>${say('workbench.issuer')}</dt><dd>${this.view.issuer}</dd>
                ${demo ? html`<dt>client_id</dt><dd>${demo.client_id}</dd><dt>client_secret</dt><dd>${demo.client_secret}</dd><dt>redirect_uri</dt><dd>${demo.redirect_uris?.join(' ')}</dd>` : nothing}
                <dt>users</dt><dd>maya, sam (practice-only)</dd></dl>`
          : html`<p class="row wrap"><button class="btn do big" @click=${() => void this.make('form')}>${say('workbench.start')}</button><button class="btn big" @click=${() => void this.make('auto')}>${say('workbench.start')}, ${say('workbench.auto')}</button></p>`}`,
      this.panel,
    );
  }
}
customElements.define('pg-workbench', Workbench);
