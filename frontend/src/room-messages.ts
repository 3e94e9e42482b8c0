// room-messages.ts: what a room's stream says. Each message is whole: who has missed some needs only the next one of its type.
// The types are the server's.
import type { Board, Heat, RoomState, Rows, Tally, Vote, You } from './wire.gen';

export type { Board, BoardLesson, BoardQuestion, BoardStep, Heat, HeatCell, HeatRow, LearnerRow, Refusal, Results, RoomState, Rows, Spread, Tally, Timer, Vote, WireCount, You } from './wire.gen';

export type Role = RoomState['role'];
export type Pace = RoomState['pace'];
export type Phase = Vote['phase'];

// phases are the course of a vote, in its order.
export const phases: readonly Phase[] = ['vote', 'hidden', 'discuss', 'revote', 'reveal', 'explain'];

export type RoomMessage = RoomState | You | Tally | Board | Rows | Heat;
