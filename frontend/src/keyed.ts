// keyed.ts: a list on the page of which only that is drawn again that has changed: one row for a message that touches one.

// Hands do the work on a page: they make an element, draw a thing into it, put it before another one (or last), take it away.
export interface Hands<T, E> {
  make(thing: T): E;
  draw(el: E, thing: T): void;
  place(el: E, before: E | undefined): void;
  remove(el: E): void;
}

// Keyed remembers what is shown. A thing that is the same object in the same state is not drawn again.
export class Keyed<T extends { id: string }, E> {
  private shown = new Map<string, { el: E; thing: T; state: string }>();
  private order: E[] = [];

  constructor(private hands: Hands<T, E>) {}

  // draw shows a list in its order. state is what else a thing's look depends on.
  draw(list: T[], state: (thing: T) => string = () => '') {
    const wanted = new Set(list.map((t) => t.id));
    for (const [id, was] of this.shown) {
      if (wanted.has(id)) continue;
      this.hands.remove(was.el);
      this.shown.delete(id);
      this.order.splice(this.order.indexOf(was.el), 1);
    }
    let at = 0;
    for (const thing of list) {
      const now = state(thing);
      let is = this.shown.get(thing.id);
      if (!is) {
        is = { el: this.hands.make(thing), thing, state: now };
        this.shown.set(thing.id, is);
        this.hands.draw(is.el, thing);
      } else if (is.thing !== thing || is.state !== now) {
        is.thing = thing;
        is.state = now;
        this.hands.draw(is.el, thing);
      }
      this.put(is.el, at++);
    }
  }

  // put brings an element to its place. Where the one that stands there is what moved, that one is taken out of the way: one step,
  // rather than one for each of the others.
  private put(el: E, at: number) {
    if (this.order[at] === el) return;
    const from = this.order.indexOf(el);
    if (from === at + 1) {
      const [moved] = this.order.splice(at, 1);
      this.order.push(moved!);
      this.hands.place(moved!, undefined);
      return;
    }
    if (from >= 0) this.order.splice(from, 1);
    this.hands.place(el, this.order[at]);
    this.order.splice(at, 0, el);
  }

  element = (id: string): E | undefined => this.shown.get(id)?.el;
}
