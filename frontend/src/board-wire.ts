// board-wire.ts: a learner's wire, as it is on theirs, for who leads the room: to look at, and nothing can be done to it.
import './more';
import './wire';
import './lensbar';
import './clock';
import './policy';
import { call } from './api';
import { Record } from './record';
import { Stream } from './stream';
import { say } from './strings';
import type { View } from './wire.gen';

export class TheirWire {
  private record: Record;
  private stream?: Stream;
  private id = '';

  constructor(host: HTMLElement, private code: string, private key: string) {
    this.record = new Record(host, { policy: () => undefined, advance: () => undefined });
    this.record.readOnly = true;
  }

  // show shows somebody's wire in place of the one before.
  show(id: string) {
    this.close();
    this.id = id;
    const path = `/api/rooms/${this.code}/learners/${id}`;
    this.record.empty = say('room.nothingSent');
    this.record.state = 'loading';
    this.record.draw();
    const look = () => void call<View>('GET', path + '/sandbox', this.key).then((v) => {
      if (this.id !== id) return;
      this.record.view = v;
      this.record.draw();
    }, () => undefined); // without it, checks have no words
    this.stream = new Stream({ path, key: this.key }, {
      event: (e) => this.record.take(e),
      fresh: () => {
        this.record.clear();
        this.record.draw();
        look();
      },
      gap: () => (this.record.note = say('page.gap')),
      state: (s) => {
        this.record.state = s === 'lost' ? 'lost' : s === 'live' ? 'live' : 'loading';
        this.record.retry = () => this.stream?.retry();
        this.record.draw();
      },
      gone: () => {
        this.record.note = say('room.wireGone');
        this.record.state = 'live';
        this.record.draw();
      },
    });
    look();
  }

  close() {
    this.id = '';
    this.stream?.close();
    this.stream = undefined;
    this.record.note = '';
    this.record.view = undefined;
    this.record.clear();
  }
}
