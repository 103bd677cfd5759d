import { assign } from './assignment.ts';
import type { Auxiliary, Guess, Observed } from './observation.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface IhopOptions {
  /** Rounds of the heuristic. */
  readonly rounds?: number;
  /** Share of tokens that a round assigns anew: p_free of the paper. */
  readonly free?: number;
}

/** Probabilities of what the attacker never saw. */
const LEAST = 1e-6;

/**
 * IHOP in frequency mode (Oya–Kerschbaum, "IHOP: Improved Statistical Query Recovery against Searchable Symmetric
 * Encryption through Quadratic Optimization", USENIX Security 2022, §4 and §6): queries are a Markov chain that the
 * attacker knows, so the likelihood of an assignment is quadratic in it: a cost for every pair of tokens that follow
 * each other. Each round frees a random part of the tokens and solves the linear assignment problem that is left
 * while all others are held. A transition whose other end is free too counts by the keyword's popularity.
 * Uses: the order of tokens, nothing of what they find; auxiliary popularity and transitions. At most as many tokens as
 * keywords.
 */
export function ihopAttack(
  observed: Pick<Observed, 'volumes' | 'sequence'>,
  auxiliary: Required<Pick<Auxiliary, 'popularity' | 'transitions'>>,
  random: SeededRandom,
  { rounds = 300, free = 0.25 }: IhopOptions = {},
): Guess {
  const tokens = observed.volumes.length;
  const keywords = auxiliary.popularity.length;
  const follows = followersOf(observed.sequence, tokens);
  const popular = Float64Array.from(auxiliary.popularity, (share) => Math.log(share + LEAST));
  const logTransitions = Float64Array.from(auxiliary.transitions, (share) =>
    Math.log(share + LEAST),
  );
  const guess = new Int32Array(tokens).fill(-1);
  /** Keywords that no token has. */
  let spare = random.permutation(keywords);
  solve(random.permutation(tokens));
  for (let round = 0; round < rounds; round++) {
    solve(random.permutation(tokens).slice(0, Math.max(2, Math.round(free * tokens))));
  }
  return guess;

  function solve(chosen: readonly number[]): void {
    for (const token of chosen) {
      if (guess[token]! >= 0) spare.push(guess[token]!);
      guess[token] = -1;
    }
    spare = random.shuffled(spare);
    const cost = new Float64Array(chosen.length * spare.length);
    chosen.forEach((token, t) => {
      spare.forEach((keyword, k) => {
        cost[t * spare.length + k] = -likelihood(token, keyword);
      });
    });
    const columns = assign(cost, chosen.length, spare.length);
    chosen.forEach((token, t) => {
      guess[token] = spare[columns[t]!]!;
    });
    const taken = new Set(columns);
    spare = spare.filter((_, k) => !taken.has(k));
  }

  /** Of the transitions to and from a token, were it this keyword. */
  function likelihood(token: number, keyword: number): number {
    const { self, to, from, begins } = follows[token]!;
    let sum = self * logTransitions[keyword * keywords + keyword]! + begins * popular[keyword]!;
    for (const [next, times] of to) {
      const held = guess[next]!;
      if (held >= 0) sum += times * logTransitions[keyword * keywords + held]!;
    }
    for (const [previous, times] of from) {
      const held = guess[previous]!;
      sum += times * (held >= 0 ? logTransitions[held * keywords + keyword]! : popular[keyword]!);
    }
    return sum;
  }
}

interface Neighbours {
  self: number;
  begins: number;
  readonly to: Map<number, number>;
  readonly from: Map<number, number>;
}

function followersOf(sequence: readonly number[], tokens: number): Neighbours[] {
  const all = Array.from({ length: tokens }, (): Neighbours => {
    return { self: 0, begins: 0, to: new Map(), from: new Map() };
  });
  sequence.forEach((token, at) => {
    const previous = sequence[at - 1];
    const here = all[token]!;
    if (previous === undefined) here.begins++;
    else if (previous === token) here.self++;
    else {
      const before = all[previous]!;
      here.from.set(previous, (here.from.get(previous) ?? 0) + 1);
      before.to.set(token, (before.to.get(token) ?? 0) + 1);
    }
  });
  return all;
}
