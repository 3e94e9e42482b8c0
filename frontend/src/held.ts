// held.ts: what a step says after its prediction is out of the page until the prediction is locked, since it tells what happens.
export class Held {
  private rest = new Map<HTMLElement, DocumentFragment>();

  hold(step: HTMLElement) {
    const gate = step.querySelector('pg-predict');
    if (!gate) return;
    const rest = document.createDocumentFragment();
    while (gate.nextSibling) rest.append(gate.nextSibling);
    this.rest.set(step, rest);
  }

  release(step: HTMLElement) {
    const rest = this.rest.get(step);
    if (!rest) return;
    this.rest.delete(step);
    step.append(rest);
  }
}
