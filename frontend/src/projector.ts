// pg-projector: a room on the wall: how to join, the room's wire, votes. It has no key, and so no names; it goes with the room by itself.
import { html, nothing, render } from 'lit';
import { lasting } from './board-roster';
import { lock } from './board-parts';
import { vars } from './parts';
import { voteScreen } from './projector-vote';
import { roomsWire } from './projector-wire';
import type { RoomMessage, RoomState, Tally } from './room-messages';
import { shownCode } from './roomapi';
import { RoomStream } from './roomstream';
import { say } from './strings';

export class Projector extends HTMLElement {
  private stream?: RoomStream;
  private room?: RoomState;
  private tally?: Tally;
  private count = { here: 0, learners: 0 }; // of learners, as it was told last
  private link = '';
  private over = false;
  private off = 0; // the server's clock less this browser's, ms
  private drawing = 0;
  private begun = false; // the instructor leads: they have brought the room somewhere, go before it or ask it
  private large?: boolean; // how to join is shown large, or small: as somebody at the screen wants it
  private told = '';
  private numbers = new Map<string, string>(); // of the lessons, by their slugs

  connectedCallback() {
    if (this.stream) return;
    this.numbers = new Map(this.dataset['lessons']!.split(' ').map((l) => l.split(':') as [string, string]));
    this.stream = new RoomStream(this.dataset['code']!, '', {
      message: (m) => this.message(m),
      state: (s) => {
        this.link = s;
        this.soon();
      },
      gone: () => {
        this.over = true;
        this.soon();
      },
    });
    this.querySelector('#join')!.addEventListener('click', () => { // the code in it is a button, for the keyboard
      this.large = !this.joining();
      this.soon();
    });
    window.setInterval(() => this.room?.timer && this.head(), 1000);
    this.soon();
  }

  private message(m: RoomMessage) {
    if (m.type === 'room') {
      this.off = Date.parse(m.now) - Date.now();
      this.room = this.count = m;
      this.begun ||= m.brought > 0 || m.vote !== null || m.pace === 'follow';
    } else if (m.type === 'tally') this.tally = this.count = m;
    this.soon();
  }

  private soon() {
    this.drawing ||= requestAnimationFrame(() => this.draw());
  }

  // joining tells whether how to join is shown large: until the instructor has begun. Who comes late, or back, finds it in the corner.
  private joining = () => this.large ?? !this.begun;

  private draw() {
    this.drawing = 0;
    const r = this.room;
    const stage = this.querySelector<HTMLElement>('#stage')!;
    const vote = r?.vote ?? null;
    this.dataset['show'] = this.over ? 'over' : vote ? 'vote' : this.joining() ? 'join' : 'wire';
    this.head();
    render(
      this.over ? html`<h1>${say('room.wallOver')}</h1><p class="leg">${say('room.wallOverWhy')}</p>`
        : vote ? voteScreen(vote, this.count.learners, this.tally)
        : this.tally && r ? roomsWire(this.tally, this.numbers.get(this.tally.lesson) ?? '') : html`<p class="leg">${say('page.connecting')}</p>`,
      stage,
    );
    vars(stage);
    this.tell(vote ? say(`room.doNow.${vote.phase}`) : this.over ? say('room.wallOver') : '');
  }

  private head() {
    const r = this.room;
    document.getElementById('room-title')!.textContent = r?.vote ? say('room.voteOf', { number: r.vote.number, title: r.vote.title }) : (r?.title ?? '');
    const ms = r?.timer ? Date.parse(r.timer.ends) - Date.now() - this.off : -1;
    render(html`${r?.locked ? html`<span class="locked">${lock}${say('room.wallLocked')}</span>` : nothing}${r?.timer ? html`<b class="timer mono ${ms <= 0 ? 'up' : ''}" role="timer" aria-label=${say('room.timer')}>${ms > 0 ? lasting(ms + 999) : say('room.timeIsUp')}</b>` : nothing}
      ${this.link === 'lost' ? html`<span class="off">${say('room.wallLost')}</span>` : r ? html`<span>${say('room.wallHere', { n: this.count.here })}</span>` : nothing}
      ${r && this.dataset['show'] !== 'join' ? html`<b class="mono">${shownCode(r.code)}</b>` : nothing}`, document.getElementById('status')!);
  }

  private tell(text: string) {
    if (text === this.told) return;
    this.told = text;
    document.getElementById('news')!.textContent = text;
  }
}
customElements.define('pg-projector', Projector);
