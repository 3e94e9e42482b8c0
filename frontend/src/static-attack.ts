// static-attack.ts: an attack in a copy without a server: what was recorded of it, and its graph, which follows what is switched here.
import { html, render } from 'lit';
import type { Graph } from './graph';
import { lines, watching } from './static-lesson';
import { said, say } from './strings';

// Lab is what the page says of the attack: how its lesson leaves the protections, and what they may be.
interface Lab {
  checks: { id: string; modes: string[] }[];
  options: { id: string; values?: string[] }[]; // without values: any length of time
  policy: { [id: string]: string };
  settings: { [id: string]: string };
}

export class StaticAttack extends HTMLElement {
  connectedCallback() {
    const wire = this.querySelector<HTMLElement>('#wire')!;
    wire.classList.add('evidence');
    const record = watching(wire);
    record.label = say('static.recorded');
    record.events = lines(this);
    record.draw();
    const graph = this.querySelector<Graph>('pg-graph');
    if (graph) this.switches(graph, JSON.parse(this.dataset['lab']!) as Lab);
  }

  // switches puts a choice beside each protection. Nothing runs by it: the graph says what would lead where.
  private switches(graph: Graph, lab: Lab) {
    const now = { policy: { ...lab.policy }, settings: { ...lab.settings } };
    const all = [...lab.checks.map((c) => ({ id: c.id, values: c.modes, of: now.policy })), ...lab.options.map((o) => ({ id: o.id, values: o.values ?? [], of: now.settings }))];
    for (const li of this.querySelectorAll<HTMLElement>('.pol > li')) {
      const id = li.querySelector('.nm')!.textContent!;
      const known = all.find((a) => a.id === id);
      if (!known || known.values.length < 2) continue;
      const place = document.createElement('span');
      li.append(place);
      const change = (value: string) => {
        known.of[id] = value;
        graph.view = now;
      };
      render(html`<span class="seg" role="radiogroup" aria-label=${say('static.inGraph', { what: id })}>${known.values.map((v) => html`<label><input type="radio" name=${id} .checked=${known.of[id] === v} @change=${() => change(v)} />${said(`protections.${v}`) ?? v}</label>`)}</span>`, place);
    }
  }
}
