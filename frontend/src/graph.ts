// pg-graph: the attack graph that the server sent, kept to how things stand. Properties in: view (policy and settings). What is cut,
// dead or reached is told in words, and the lines follow.
import { said, say } from './strings';
import type { View } from './wire.gen';

export type Standing = Pick<View, 'policy' | 'settings'>;

const all = <T extends HTMLElement>(of: Element, what: string) => [...of.querySelectorAll<T>(what)];

export class Graph extends HTMLElement {
  private standing?: Standing;

  connectedCallback() {
    const early = Object.hasOwn(this, 'view') ? this.view : undefined; // set before this script was here
    if (early) delete (this as { view?: Standing }).view;
    if (early) this.view = early;
  }

  get view(): Standing | undefined {
    return this.standing;
  }

  set view(v: Standing | undefined) {
    this.standing = v;
    if (v) this.draw(v);
  }

  private draw(v: Standing) {
    for (const c of all(this, '.ag-c')) this.cut(c, v);
    const edges = all(this, '.ag-e');
    const cut = new Set(edges.filter((e) => e.querySelector('.ag-c.is')).map((e) => e.dataset['edge']!));
    const reached = new Set(all(this, '.ag-n[data-first]').map((n) => n.dataset['node']!));
    for (const _ of edges) {
      for (const e of edges) if (reached.has(e.dataset['from']!) && !cut.has(e.dataset['edge']!)) reached.add(e.dataset['to']!);
    }
    const from = Object.fromEntries(edges.map((e) => [e.dataset['edge']!, e.dataset['from']!]));
    for (const line of all(this, '.rails i')) {
      const kind = line.classList[0]!;
      const live = line.dataset['edges']!.split(' ').filter((id) => reached.has(from[id]!));
      const open = live.some((id) => !cut.has(id) || kind === 'pass' || kind === 'out');
      const state = open ? 'open' : live.length && (kind === 'end' || kind === 'join') ? 'cut' : 'dead';
      line.classList.remove('open', 'cut', 'dead');
      line.classList.add(state);
    }
    for (const n of all(this, '.ag-n')) {
      const there = reached.has(n.dataset['node']!);
      n.classList.toggle('away', !there);
      put(n.querySelector('.ag-s')!, say(!there ? 'graph.away' : n.hasAttribute('data-first') ? 'graph.first' : 'graph.reached'));
    }
    const end = this.querySelector<HTMLElement>('.ag-end')!;
    const goal = this.querySelector<HTMLElement>('[data-goal].ag-n')!.dataset['node']!;
    put(end, say(reached.has(goal) ? 'graph.open' : 'graph.shut', { goal: end.dataset['goal']! }));
  }

  // cut says whether a protection is in place, and if not, what it would take.
  private cut(c: HTMLElement, v: Standing) {
    const { id = '', name = '', values = '' } = c.dataset;
    const now = (values ? v.settings[id] : v.policy[id]) ?? '';
    const is = (values || 'enforce').split(' ').includes(now);
    c.classList.toggle('is', is);
    const mode = said(`protections.${now}`) ?? now;
    put(c, is ? (values ? say('graph.cutSetting', { name, value: now }) : say('graph.cut', { name })) : values ? say('graph.maySetting', { name, value: values.replaceAll(' ', ` ${say('graph.or')} `), now }) : say('graph.may', { name, now: mode }));
  }
}
customElements.define('pg-graph', Graph);

// put changes a text only if it is another: what stays is not said again.
function put(el: Element, text: string) {
  if (el.textContent !== text) el.textContent = text;
}
