// parts.ts: small pieces of markup that several elements draw.
import { html, nothing, LitElement, type TemplateResult } from 'lit';
import { actor as nameOf, say } from './strings';

// Light is an element whose markup is part of the page: global styles, search and print reach it.
export class Light extends LitElement {
  protected createRenderRoot() {
    return this;
  }

  protected updated(_: unknown) {
    vars(this);
  }
}

// vars sets custom properties after drawing: a style attribute in markup would be stopped by the Content-Security-Policy.
export function vars(root: Element) {
  for (const el of root.querySelectorAll<HTMLElement>('[data-vars]')) {
    for (const pair of el.dataset['vars']!.split(';')) {
      const [name, value] = pair.split(':');
      el.style.setProperty(name!, value!);
    }
  }
}

// glyph is an actor's shape, by lookup: shape and name tell actors apart where colour can't.
export function glyph(actor: string): TemplateResult {
  switch (actor) {
    case 'browser':
    case 'phone':
    case 'spa':
      return html`<svg class="g" viewBox="0 0 12 12" aria-hidden="true"><circle cx="6" cy="6" r="5.5" /></svg>`;
    case 'client':
      return html`<svg class="g" viewBox="0 0 12 12" aria-hidden="true"><path d="M1 1h10v10H1z" /></svg>`;
    case 'outside':
      return html`<svg class="g" viewBox="0 0 12 12" aria-hidden="true"><path d="M1.5 1.5h9v9h-9z" fill="none" stroke="currentColor" stroke-width="2" /></svg>`;
    case 'as':
      return html`<svg class="g" viewBox="0 0 12 12" aria-hidden="true"><path d="M6 0l6 6-6 6-6-6z" /></svg>`;
    case 'api':
      return html`<svg class="g" viewBox="0 0 12 12" aria-hidden="true"><path d="M6 .5 12 11.5H0z" /></svg>`;
  }
  return html`<svg class="g" viewBox="0 0 12 12" aria-hidden="true"><path d="M2.6.4 6 3.8 9.4.4l2.2 2.2L8.2 6l3.4 3.4-2.2 2.2L6 8.2 2.6 11.6.4 9.4 3.8 6 .4 2.6z" /></svg>`;
}

// tone is the class that carries an actor's colour.
export function tone(actor: string): string {
  if (actor.startsWith('attacker')) return 'attacker';
  if (actor === 'phone' || actor === 'spa') return 'browser';
  return actor;
}

export const who = (actor: string) => html`<span class="who ${tone(actor)}">${glyph(actor)}${nameOf(actor)}</span>`;

const ticks: Record<string, TemplateResult> = {
  pass: html`<svg class="i" viewBox="0 0 16 16" role="img" aria-label=${say('inspector.passed')}><path d="m3 8.5 3.2 3.2L13 4.8" /></svg>`,
  fail: html`<svg class="i" viewBox="0 0 16 16" role="img" aria-label=${say('inspector.refused')}><path d="M4 4l8 8M12 4l-8 8" /></svg>`,
  off: html`<svg class="i" viewBox="0 0 16 16" role="img" aria-label=${say('inspector.notRun')}><circle cx="8" cy="8" r="4.5" /></svg>`,
};

export const tick = (outcome: string) => ticks[outcome] ?? nothing;

// The signs of buttons and lines, 16 px and 1.5 px of stroke.
export const arrowLeft = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M13 8H3m4-4L3 8l4 4" /></svg>`;
export const check = html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="m3 8.5 3.2 3.2L13 4.8" /></svg>`;

// marked is a text in which every known value is marked, the followed one with the marker.
export function marked(text: string, values: Map<string, string>, followed: string): (string | TemplateResult)[] {
  let parts: (string | TemplateResult)[] = [text];
  for (const [tag, value] of [...values].sort((a, b) => b[1].length - a[1].length)) {
    if (value.length < 4) continue;
    parts = parts.flatMap((p) => {
      if (typeof p !== 'string' || !p.includes(value)) return [p];
      const bits = p.split(value);
      return bits.flatMap((bit, i) => (i ? [html`<span class="val ${tag === followed ? 'on' : ''}" data-tag=${tag} title=${tag}>${value}</span>`, bit] : [bit]));
    });
  }
  return parts;
}
