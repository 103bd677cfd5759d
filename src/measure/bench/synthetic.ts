import { SeededRandom } from '../attacks/seeded-random.ts';

const SEED = 2001;

/** 0 … rows − 1, each once, in an order that tells nothing of the row: the key that no two rows share. */
export function scrambledKeys(rows: number): Int32Array {
  const random = new SeededRandom(SEED);
  const keys = Int32Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [keys[i], keys[j]] = [keys[j]!, keys[i]!];
  }
  return keys;
}

const SYLLABLES = 'ba ko mi ru ten sal vor lin pe dax gol hu shi nar zet fu'.split(' ');
const WORDS = 2000;
const LEAST_WORDS = 3;
const MOST_WORDS = 8;

/** Words that are pronounceable and mean nothing, the first the commonest. */
function vocabulary(): string[] {
  return Array.from({ length: WORDS }, (_, i) => {
    const [a, b, c] = [i % 16, (i >> 4) % 16, i >> 8];
    return SYLLABLES[a]! + SYLLABLES[b]! + SYLLABLES[c]!;
  });
}

/** A note a row of 3 to 8 words; the k-th word of the vocabulary is drawn in proportion to 1/k (Zipf). */
export function notes(rows: number): readonly string[] {
  const random = new SeededRandom(SEED + 1);
  const words = vocabulary();
  const draw = random.drawer(words.map((_, i) => 1 / (i + 1)));
  return Array.from({ length: rows }, () => {
    const length = LEAST_WORDS + random.below(MOST_WORDS - LEAST_WORDS + 1);
    return Array.from({ length }, () => words[draw()]!).join(' ');
  });
}
