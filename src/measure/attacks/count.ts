import type { Auxiliary, Guess, Observed } from './observation.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Standard deviations by which a partly known count may be off. */
const WINDOW = 2;

/**
 * The count attack (Cash–Grubbs–Perry–Ristenpart, "Leakage-Abuse Attacks Against Searchable Encryption", CCS 2015,
 * §4.2). A token whose count fits one keyword only is that keyword; every token so found rules out the keywords whose
 * co-occurrence with it does not fit, until nothing is ruled out any more. Of a part of the documents counts are
 * known up to chance, so a window takes the place of equality: here as wide as the hypergeometric distribution
 * makes it. A token that keeps several candidates is not guessed.
 * Uses: sizes and intersections of row sets; the auxiliary documents, which are some or all of the indexed ones.
 */
export function countAttack(
  observed: Observed & Required<Pick<Observed, 'together'>>,
  auxiliary: Auxiliary & Required<Pick<Auxiliary, 'together'>>,
  random: SeededRandom,
): Guess {
  const tokens = observed.volumes.length;
  const keywords = auxiliary.volumes.length;
  const fits = windowOf(observed.rows, auxiliary.rows);
  const guess = new Int32Array(tokens).fill(-1);
  const taken = new Set<number>();
  const candidates = observed.volumes.map((volume) =>
    random.permutation(keywords).filter((keyword) => fits(volume, auxiliary.volumes[keyword]!)),
  );
  for (const { token, keyword } of auxiliary.known ?? []) candidates[token] = [keyword];
  const settled: number[] = [];
  for (let next = settle(); next !== -1; next = settle()) {
    const keyword = guess[next]!;
    for (let token = 0; token < tokens; token++) {
      if (guess[token] !== -1) continue;
      const shared = observed.together[token * tokens + next]!;
      candidates[token] = candidates[token]!.filter(
        (other) =>
          other !== keyword && fits(shared, auxiliary.together[other * keywords + keyword]!),
      );
    }
  }
  return guess;

  /** Settles a token that has one candidate; −1: there is none. */
  function settle(): number {
    const ready = random
      .permutation(tokens)
      .find(
        (token) =>
          guess[token] === -1 &&
          candidates[token]!.length === 1 &&
          !taken.has(candidates[token]![0]!),
      );
    if (ready === undefined) return -1;
    guess[ready] = candidates[ready]![0]!;
    taken.add(guess[ready]!);
    settled.push(ready);
    return ready;
  }
}

/** Whether `known` of the known rows fit `count` of all: exactly where all are known. */
function windowOf(rows: number, knownRows: number): (count: number, known: number) => boolean {
  const share = knownRows / rows;
  return (count, known) => {
    const deviation = Math.sqrt(
      (count * share * (1 - share) * (rows - count)) / Math.max(1, rows - 1),
    );
    return Math.abs(known - count * share) <= WINDOW * deviation + 1e-9;
  };
}
