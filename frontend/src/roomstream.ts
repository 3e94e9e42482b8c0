// roomstream.ts: a room as it happens, for its instructor, a learner or a screen that has no key. After a cut the room's state comes
// anew, whole, so there is no position to keep.
import { line, type Line } from './line';
import type { RoomMessage } from './room-messages';

export { closeBadKey } from './line';

export interface RoomListener {
  message(m: RoomMessage): void;
  state(s: 'connecting' | 'live' | 'lost'): void;
  gone(code: number): void; // it does not come back: the key does not fit, or the room has ended
}

export class RoomStream {
  private line: Line;
  private live = false;

  // A room's code needs no key to be watched as the projector does.
  constructor(code: string, key: string, to: RoomListener) {
    this.line = line({
      path: () => `/api/rooms/${encodeURIComponent(code)}/stream`,
      key,
      message: (text) => {
        if (!this.live) {
          this.live = true; // something has come, and the room comes first
          this.line.works();
          to.state('live');
        }
        to.message(JSON.parse(text) as RoomMessage);
      },
      state: (s) => {
        this.live = false;
        to.state(s);
      },
      gone: (code) => to.gone(code),
    });
  }

  retry = () => this.line.retry();
  close = () => this.line.close();
}
