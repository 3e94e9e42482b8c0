// pg-wire: the sequence diagram. A row is an exchange, a column is an actor. It is an ordered list, so it reads, is searched and
// is spoken like one. Properties in: items, selected, followed. Events out: select, follow.
import { html, nothing, type TemplateResult } from 'lit';
import { answerLine, lanes, type Band, type Item, type Row } from './model';
import { glyph, Light, tone } from './parts';
import { actor, said, say } from './strings';

export class Wire extends Light {
  static properties = { items: { attribute: false }, selected: { attribute: false }, followed: { attribute: false } };
  declare items: Item[];
  declare selected: string;
  declare followed: string;

  constructor() {
    super();
    this.items = [];
    this.selected = this.followed = '';
  }

  render() {
    const actors = lanes(this.items);
    const dense = this.items.filter((i) => i.kind === 'row').length > 12;
    return html`<div class="wire ${dense ? 'dense' : ''}" data-vars="--lanes:${actors.length || 1}">
      <div class="lane-lines" aria-hidden="true"><div class="lanes">${actors.map((a) => html`<span class="lane ${tone(a)}"></span>`)}</div></div>
      <div class="lane-names" aria-hidden="true">
        <span class="x-n">#</span><span class="x-req">${say('inspector.request')}</span>
        <div class="lanes">${actors.map((a) => html`<span class="lane ${tone(a)}">${glyph(a)}<span>${actor(a)}</span></span>`)}</div>
        <span class="x-ans">${say('inspector.answer')}</span>
      </div>
      <ol aria-label="Exchanges, oldest first">${this.items.map((i) => (i.kind === 'row' ? this.row(i, actors) : this.band(i)))}</ol>
    </div>`;
  }

  private row(r: Row, actors: string[]): TemplateResult {
    const from = actors.indexOf(r.request.from!) + 1;
    const to = actors.indexOf(r.request.to!) + 1;
    const lo = Math.min(from, to);
    const hi = Math.max(from, to);
    const back = from > to;
    const place = `--lo:${lo};--hi:${hi}`;
    const open = r.openLane ? ` open-${r.openFirst ? 'a' : r.openLast ? 'z' : 'm'}` : '';
    const classes = `x ${tone(r.request.from!)} to-${tone(r.request.to!)}${back ? ' back' : ''}${r.failed ? ' refused' : ''}${r.chain ? ` chain-${r.chain}` : ''}${open}`;
    const status = r.answer ? String(r.answer.response!.status || 'cut') : '…';
    const method = r.request.request!.method;
    return html`<li id=${r.id} class=${classes} aria-current=${this.selected === r.id ? 'true' : nothing} data-vars="--open:${actors.indexOf(r.openLane) + 1}">
      <span class="x-n">${r.n}</span>
      <span class="x-req"><a class="x-name" href="#${r.id}" @click=${(e: MouseEvent) => this.pick(e, r)}><b>${method}</b>${r.path}</a><span class="x-say">${said(`exchange ${r.request.to} ${method} ${r.path}`) ?? ''}</span></span>
      <span class="x-lanes" aria-hidden="true">
        <span class="arrow" data-vars=${place}>${r.failed ? html`<span class="bar"></span>` : r.observed.length ? html`<span class="bar would"></span>` : nothing}${r.tags.length ? html`<span class="carry ${r.tags.length > 1 ? 'n2' : 'long'}">${r.tags.map((t) => html`<i class=${t === this.followed ? 'on' : ''}>${t}</i>`)}</span>` : nothing}</span>
        ${r.answer?.kind === 'redirect' && !back ? html`<span class="ret ${r.chain === 'z' || !r.chain ? 'last' : ''}" data-vars="${place};--rc:var(--${tone(r.request.to!)})"></span>` : nothing}
      </span>
      <span class="x-ans"><span class="row"><span class="st ${r.failed ? 'stopped' : ''}">${status}</span>${this.tally(r)}</span><span class="to">${r.answer ? answerLine(r) : say('inspector.stillOpen')}</span><span class="sr">${this.twin(r)}</span></span>
    </li>`;
  }

  private tally(r: Row) {
    const classes: Record<string, string> = { 'fail enforce': 'no', 'fail observe': 'would', 'off off': 'off' };
    return html`<span class="tally" aria-hidden="true">${(r.answer?.verdicts ?? []).map((v) => html`<i class=${classes[`${v.outcome} ${v.mode}`] ?? ''}></i>`)}</span>`;
  }

  // twin is the row in a sentence, for those who hear it.
  private twin(r: Row): string {
    const verdicts = r.answer?.verdicts ?? [];
    const passed = verdicts.filter((v) => v.outcome === 'pass').length;
    let text = `. From ${actor(r.request.from!)} to ${actor(r.request.to!)}.`;
    if (r.tags.length) text += ` Carries ${r.tags.join(' and ')}.`;
    if (passed) text += ` ${passed} checks passed.`;
    if (r.failed) text += ` Refused by ${r.failed.check}.`;
    for (const v of r.observed) text += ` ${v.check} would have stopped it.`;
    return text;
  }

  private band(b: Band) {
    const c = b.event.change!;
    const text: Record<string, () => string> = {
      clock: () => say('wire.clock', { from: (c.from ?? '').slice(11, 19), to: (c.to ?? '').slice(11, 19) }),
      policy: () => `${c.actor}: ${c.from} → ${c.to}`,
      setting: () => `${c.actor}: ${c.from} → ${c.to}`,
      run: () => `Run ${b.event.run}`,
      read: () => `${actor(c.actor ?? '')} reads the ${c.from?.replace('browser', 'Maya’s browser')}: ${(b.event.finds ?? []).map((f) => f.tag).join(', ') || c.to}`,
    };
    return html`<li class="jump ${c.what === 'read' ? 'attacker' : ''}" id=${b.id}><span></span><span>${c.what === 'read' ? glyph('attacker') : nothing}${text[c.what]?.()}</span></li>`;
  }

  private pick(e: MouseEvent, r: Row) {
    e.preventDefault();
    this.dispatchEvent(new CustomEvent('pick', { detail: r.id, bubbles: true }));
  }
}
customElements.define('pg-wire', Wire);
