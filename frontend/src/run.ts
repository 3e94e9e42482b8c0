// run.ts: a learner's run of a lesson: the sandbox with its record and view. It knows nothing of the page. A sandbox that has
// ended, or a server that was started anew, is replaced by a fresh one in which the steps so far are played again.
import { Problem, remembered, Sandbox } from './api';
import { kept } from './kept';
import { Stream } from './stream';
import type { Event, View } from './wire.gen';

export type Link = 'none' | 'connecting' | 'live' | 'lost';

// Listener hears what happens to the run.
export interface Listener {
  event(e: Event): void;
  fresh(): void; // the record begins anew
  gap(): void; // older events are gone
  link(l: Link): void;
  view(v: View): void;
  replaced(played: number): void; // the sandbox is another one, with so many steps played again
}

// Kept is what is played again in a fresh sandbox.
export interface Kept {
  steps: string[]; // those that had passed, in order
  answers: Record<string, number[]>;
  now: string; // the step at hand
}

export class Run {
  sandbox?: Sandbox;
  view?: View;
  busy = false;
  private making?: Promise<Sandbox>;
  private stream?: Stream;
  private refreshing = 0;
  private asked = 0; // questions after the view, and acts, in their order
  private known = 0; // the latest of them whose outcome is shown
  private paused = false;
  private dead?: Sandbox; // has ended
  prelude?: (s: Sandbox) => Promise<unknown>; // plays in a new sandbox what comes before the page's part of the lesson

  constructor(private slug: string, private kept: () => Kept, private to: Listener) {}

  // resume goes on with the sandbox of an earlier visit, if there is one.
  resume() {
    const known = remembered.get(this.slug);
    if (known) this.attach(known);
  }

  // need is the learner's sandbox, made at the first act: reading costs the server nothing.
  async need(): Promise<Sandbox> {
    if (this.sandbox) return this.sandbox;
    const s = await this.make();
    await s.begin(this.kept().now).catch(() => undefined);
    return s;
  }

  // make makes a sandbox; asked for twice at once, it is one.
  private make = () => (this.making ??= this.create().finally(() => (this.making = undefined)));

  private async create(): Promise<Sandbox> {
    const c = await (kept('seat') ? (await import('./seat')).sandbox(this.slug) : Sandbox.create({ lesson: this.slug }));
    const s = new Sandbox(c.id, c.key);
    await this.prelude?.(s);
    remembered.set(this.slug, s);
    this.attach(s);
    return s;
  }

  private attach(s: Sandbox) {
    this.sandbox = s;
    this.stream = new Stream(s, {
      event: (e) => {
        this.to.event(e);
        if (e.kind === 'change') this.refreshSoon();
      },
      fresh: () => {
        this.to.fresh();
        this.refreshSoon();
      },
      gap: () => this.to.gap(),
      state: (state) => this.to.link(state),
      gone: () => void this.over(s),
    });
    if (this.paused) this.stream.pause(true);
    this.refreshSoon();
  }

  // retry does not wait for the next try to connect.
  retry() {
    this.stream?.retry();
  }

  // pause lets the stream go while nobody looks.
  pause(on: boolean) {
    if (on !== this.paused) this.stream?.pause(on);
    this.paused = on;
  }

  private refreshSoon() {
    window.clearTimeout(this.refreshing);
    this.refreshing = window.setTimeout(() => void (this.busy || this.refresh()), 30); // an act ends with a look of its own: the pages on its way are gone by then
  }

  // refresh asks how things stand. During an act it waits: pages come and go, and the act's own end asks again.
  async refresh(afterAct = false) {
    const sandbox = this.sandbox;
    if (!sandbox || (this.busy && !afterAct)) return;
    const asked = ++this.asked;
    try {
      const view = await sandbox.view();
      if (sandbox !== this.sandbox || (this.busy && !afterAct) || asked < this.known) return;
      this.took(view, asked);
    } catch (e) {
      if (ended(e)) void this.over(sandbox);
    }
  }

  // took shows how things stand. What was asked for earlier and comes later is older, and is not shown any more.
  took(view: View, asked = ++this.asked) {
    this.known = asked;
    this.view = view;
    this.to.view(view);
  }

  // act does something with the sandbox, one thing at a time. What goes wrong is thrown, but for a sandbox that has ended: that
  // is replaced.
  async act(what: (s: Sandbox) => Promise<unknown>) {
    if (this.busy) return;
    this.busy = true;
    this.known = ++this.asked;
    try {
      await what(await this.need());
      await this.refresh(true);
    } catch (e) {
      if (!ended(e) || !this.sandbox) throw e;
      this.dead = this.sandbox;
    } finally {
      this.busy = false;
      await this.replace();
    }
  }

  // over hears that a sandbox has ended: it is replaced now, or when what is on its way has come.
  private over(s: Sandbox) {
    this.dead = s;
    return this.replace();
  }

  // replace gives a learner whose sandbox has ended a fresh one, and plays in it what had passed, so that the lesson goes on where it was.
  private async replace(): Promise<void> {
    if (this.busy || !this.sandbox || this.sandbox !== this.dead) return;
    this.busy = true;
    this.stream?.close();
    this.sandbox = this.stream = this.view = undefined;
    remembered.set(this.slug, undefined);
    this.to.fresh();
    const { steps, answers, now } = this.kept();
    let played = 0;
    try {
      if (steps.length || Object.keys(answers).length) {
        const s = await this.make();
        for (const [question, answer] of Object.entries(answers)) await s.answer(question, [answer].flat()); // an older page kept a choice alone
        const last = steps.at(-1);
        if (last) this.took((await s.replay(last)).state);
        played = steps.length;
        if (now !== last) await s.begin(now);
        await this.refresh(true);
      }
    } catch {
      // The page says how far it came; an act that needs more says what is wrong.
    }
    this.busy = false;
    if (this.dead === this.sandbox && this.sandbox) return this.replace(); // that one has ended too, as with a room
    this.to.replaced(played);
  }
}

const ended = (e: unknown) => e instanceof Problem && (e.status === 404 || e.status === 401 || e.status === 410);
