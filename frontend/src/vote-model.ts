// vote-model.ts: how a vote goes on (peer instruction, Mazur): alone first, the result hidden, then talk, then again. Pure: no DOM.
import type { Phase, Results, Vote } from './room-messages';

export const result = (v: Vote, round: number): Results | undefined => v.results?.find((r) => r.round === round);

// percent is the share that was right; undefined while nobody has voted.
export const percent = (r?: Results): number | undefined => (r && r.votes ? Math.round((100 * r.right) / r.votes) : undefined);

export type Advice = 'talk' | 'reveal' | 'explain';

// advice is what the first round suggests: between 30 and 70 % right, those who are can convince the others; above, there is little
// left to talk about; below, too few could.
export function advice(v: Vote): Advice | undefined {
  const share = percent(result(v, 1));
  return share === undefined ? undefined : share < 30 ? 'explain' : share <= 70 ? 'talk' : 'reveal';
}

// next is where a vote goes from here; 'over' ends it.
export function next(v: Vote): Phase | 'over' {
  switch (v.phase) {
    case 'vote':
      return 'hidden';
    case 'hidden':
      return { talk: 'discuss', reveal: 'reveal', explain: 'revote' }[advice(v) ?? 'talk'] as Phase;
    case 'discuss':
      return 'revote';
    case 'revote':
      return 'reveal';
    case 'reveal':
      return 'explain';
    case 'explain':
      return 'over';
  }
}

// others are the ways that are open besides.
export function others(v: Vote): Phase[] {
  const open: { [phase in Phase]: Phase[] } = { vote: [], hidden: ['discuss', 'revote', 'reveal'], discuss: ['reveal'], revote: [], reveal: [], explain: [] };
  return open[v.phase].filter((p) => p !== next(v));
}

// revealed tells whether everybody may know.
export const revealed = (p: Phase) => p === 'reveal' || p === 'explain';

// outOf is of how many so many have voted: who has left since is not among the learners any more.
export const outOf = (voted: number, learners: number) => Math.max(voted, learners);

// covered is a vote without what nobody in the room may know before the reveal: how it stands, what is right and why. The board may be
// on the wall as well.
export const covered = (v: Vote): Vote => ({ ...v, results: null, right: null, feedback: null });

// isRight tells whether an option, counted from 1, is what is right.
export const isRight = (v: Vote, option: number) => v.kind === 'choice' && (v.right ?? []).includes(option);

export const letter = (i: number) => String.fromCharCode(65 + i);
