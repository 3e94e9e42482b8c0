// goals.ts: the way through a lesson: its parts, a pip for each step, those that have passed and the one at hand.
import { html, nothing } from 'lit';
import { said, say } from './strings';

export function goals(steps: HTMLElement[], at: number, passed: string[]) {
  const parts: { phase: string; steps: number[] }[] = [];
  steps.forEach((s, i) => {
    const phase = s.dataset['phase'];
    if (phase === undefined) return;
    if (parts.at(-1)?.phase !== phase) parts.push({ phase, steps: [] });
    parts.at(-1)!.steps.push(i);
  });
  const state = (i: number) => (i === at ? 'now' : passed.includes(steps[i]!.id) ? 'done' : '');
  return html`<ol class="goals" aria-label=${say('lesson.parts')}>${parts.map((p) => html`<li aria-current=${p.steps.includes(at) ? 'step' : nothing}><span>${said(`phase.${p.phase || 'none'}`) ?? p.phase}</span><span class="pips" aria-hidden="true">${p.steps.map((i) => html`<i class=${state(i)}></i>`)}</span></li>`)}</ol>`;
}
