// verdict.ts: a check that has run, as a line of a trace: what was checked, where it is written, and what came instead.
import { html, nothing, type TemplateResult } from 'lit';
import { tick } from './parts';
import { specUrl } from './spec';
import { say } from './strings';
import type { Verdict } from './wire.gen';

const classes: { [key: string]: string } = { 'fail enforce': 'no', 'fail observe': 'would', 'off off': 'notrun' };

// verdict is the line. title says the check in words, where they are known; mark marks values in a text.
export function verdict(v: Verdict, title: string | undefined, mark: (text: string) => unknown = (text) => text): TemplateResult {
  const url = specUrl(v.spec);
  const failed = v.outcome === 'fail';
  return html`<li class=${classes[`${v.outcome} ${v.mode}`] ?? ''}><span class="v">${tick(v.outcome)}</span><span class="name">${v.check}</span>${url ? html`<a class="ref" href=${url} rel="noreferrer">${v.spec}</a>` : html`<span class="ref">${v.spec}</span>`}
      ${failed && v.mode === 'observe' ? html`<span class="why"><b>${say('inspector.would')}</b></span>` : nothing}${v.outcome === 'off' ? html`<span class="why">${say('inspector.off')}</span>` : nothing}
      ${title ? html`<span class="why">${title}</span>` : nothing}
      ${failed && (v.expected || v.actual)
        ? html`<dl class="why cmp"><dt>${say('inspector.expected')}</dt><dd class="mono">${mark(v.expected || '–')}</dd><dt>${say('inspector.came')}</dt><dd class="mono">${mark(v.actual || '–')}</dd></dl>`
        : v.actual ? html`<span class="why mono">${mark(v.actual)}</span>` : nothing}</li>`;
}
