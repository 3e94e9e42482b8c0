// room-messages.ts: what a room's stream says. Each message is whole: who has missed some needs only the next one of its type.
import type { Verdict } from './wire.gen';

export type Role = 'instructor' | 'learner' | 'projector';
export type Pace = 'free' | 'follow';
export type Phase = 'vote' | 'hidden' | 'discuss' | 'revote' | 'reveal' | 'explain';

// phases are the course of a vote, in its order.
export const phases: readonly Phase[] = ['vote', 'hidden', 'discuss', 'revote', 'reveal', 'explain'];

// Results are the answers of one round. Rounds are numbered from 1; the second is the one after the talk.
export interface Results {
  round: number;
  votes: number;
  right: number;
  options: number[]; // how many chose each option
  rows?: number[] | null; // order, match and matrix: how many have each row right
}

export interface Vote {
  ask: string;
  lesson: string;
  question: string;
  title: string;
  number: number; // the lesson's
  kind: 'choice' | 'order' | 'match' | 'matrix';
  html: string;
  options: string[]; // HTML
  rows?: string[] | null;
  columns?: string[] | null;
  twin: string; // the id of a second question on the same idea, or ''
  phase: Phase;
  round: number;
  results: Results[] | null; // learners and the projector get them with the reveal, the instructor always
  right: number[] | null; // as results
  feedback: string[] | null; // HTML by option, from explain on; the instructor always
}

export interface Timer {
  ends: string; // RFC 3339
  now: string;
}

// RoomState is how the room stands. It comes whenever any of it changes.
export interface RoomState {
  type: 'room';
  code: string;
  title: string;
  role: Role;
  now: string; // the server's clock, RFC 3339
  here: number;
  learners: number;
  pace: Pace;
  lesson: string; // where the instructor is; '' at first
  step: string;
  brought: number; // grows with each bring: a page that knows a smaller number goes to lesson and step
  locked: boolean;
  timer: Timer | null;
  vote: Vote | null;
}

// You is what one learner is told about their own seat.
export interface You {
  type: 'you';
  id: string;
  name: string;
  hand: boolean;
  vote: { ask: string; round: number; answer: number[]; correct?: boolean; feedback?: string } | null;
  hint: { n: number; text: string } | null;
}

// WireCount is one request of the room's lesson, and how far the room is with it.
export interface WireCount {
  from: string;
  to: string;
  method: string;
  path: string;
  sent: number; // learners who have sent it
  refused: number;
  last: number; // learners of whom it is the last one
}

export interface Spread {
  step: string;
  title: string;
  n: number; // the step's number, from 1
  learners: number;
}

export interface Tally {
  type: 'tally';
  here: number; // newer than the room's, as is learners: a room is not told anew whenever somebody comes
  learners: number;
  votes: [number, number]; // who has voted in each round
  lesson: string;
  wire: WireCount[];
  spread: Spread[];
}

export interface BoardStep {
  id: string;
  title: string;
  notes?: string; // the speaker's, HTML
}

export interface BoardQuestion {
  id: string;
  html: string;
  predict: boolean;
  twin_of: string;
}

export interface BoardLesson {
  slug: string;
  number: number;
  title: string;
  steps: BoardStep[];
  questions: BoardQuestion[];
  notes?: string; // the speaker's, HTML
}

export interface Board {
  type: 'board';
  lessons: BoardLesson[];
}

// Refusal is the last request of a learner that was refused, with the checks that ran.
export interface Refusal {
  n: number;
  method: string;
  path: string;
  from: string;
  to: string;
  status: number;
  error: string;
  verdicts: Verdict[] | null;
}

export interface LearnerRow {
  id: string;
  name: string;
  here: boolean;
  hand: boolean;
  simulated: boolean;
  lesson: string;
  step: string;
  n: number; // the step's number, from 1
  of: number;
  passed: number;
  since: string; // on this step since, RFC 3339
  stuck: boolean;
  error: Refusal | null;
  vote: number[] | null;
  revote: number[] | null;
  sandbox: boolean;
}

export interface Rows {
  type: 'rows';
  rows: LearnerRow[];
  gone?: string[] | null;
}

export interface HeatCell {
  n: number;
  of: number;
}

export interface HeatRow {
  id: string;
  belief: string;
  cells: (HeatCell | null)[];
  next: { lesson: string; step: string; title: string } | null;
}

export interface Heat {
  type: 'heat';
  columns: string[];
  rows: HeatRow[];
}

export type RoomMessage = RoomState | You | Tally | Board | Rows | Heat;
