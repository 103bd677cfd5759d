import { OpalineError } from '../../../errors/opaline-error.ts';
import { BUCKET_SEAL, bucketsFor, recordsOf, type Lists } from '../records.ts';
import {
  areBfvDimensions,
  heightOf,
  MOST_BLOCKS,
  MOST_GROUPS,
  PRIMES,
  REPLY_PRIMES,
  RING_DEGREE,
  type BfvDimensions,
} from './parameters.ts';
import { packedBytes } from './residues.ts';

export interface BfvLayout extends BfvDimensions {
  /** Parts of the longest list: a lookup fetches two buckets for each, whatever the keyword. */
  readonly parts: number;
}

export const SEED_BYTES = 32;

/** One retrieval's query: a seed, then the first polynomial of each block's ciphertext. */
export const bfvQueryBytes = ({ blocks }: Pick<BfvDimensions, 'blocks'>): number =>
  SEED_BYTES + blocks * BLOCK_BYTES;
export const BLOCK_BYTES: number = packedBytes(PRIMES.length * RING_DEGREE);

/** Its answer: for each group `words` coefficients of the first polynomial and the whole second one. */
export const bfvAnswerBytes = ({ words, groups }: BfvDimensions): number =>
  groups * groupBytes(words);
export const groupBytes = (words: number): number =>
  packedBytes(REPLY_PRIMES.length * words) + packedBytes(REPLY_PRIMES.length * RING_DEGREE);

/**
 * How to lay out lists: queries grow with the blocks, answers with the groups, and their product has to hold
 * everything; what moves the fewest bytes a lookup is about as many of one as of the other.
 * @throws REQUEST_TOO_LARGE where no table within the bounds holds them
 */
export function chooseBfvLayout(lists: Lists): BfvLayout {
  let best: BfvLayout | undefined;
  let least = Infinity;
  for (let words = 1; words <= 1024; words *= 2) {
    for (let groups = 1; groups <= MOST_GROUPS; groups++) {
      const layout = layoutAt(words, groups, lists);
      if (layout === undefined) continue;
      const moved = 2 * layout.parts * (bfvQueryBytes(layout) + bfvAnswerBytes(layout));
      if (moved >= least) continue;
      best = layout;
      least = moved;
    }
  }
  if (best !== undefined) return best;
  const limit = 4 * RING_DEGREE * MOST_BLOCKS * MOST_GROUPS;
  const size = 4 * RING_DEGREE + limit;
  throw new OpalineError('REQUEST_TOO_LARGE', { what: 'the pir index of a segment', size, limit });
}

function layoutAt(words: number, groups: number, lists: Lists): BfvLayout | undefined {
  const height = heightOf({ words, groups, blocks: 1 });
  if (!areBfvDimensions({ words, groups, blocks: 1 })) return undefined;
  const { bytes, records, parts } = recordsOf(height, lists);
  const buckets = bucketsFor(bytes, records, height - BUCKET_SEAL);
  const blocks = Math.ceil((buckets * words) / RING_DEGREE);
  return blocks > MOST_BLOCKS ? undefined : { words, groups, blocks, parts };
}

/** The next larger table, for records that by ill luck do not fit; undefined at the bound. */
export function widenedBfv(layout: BfvLayout): BfvLayout | undefined {
  const blocks = layout.blocks + 1;
  return blocks > MOST_BLOCKS ? undefined : { ...layout, blocks };
}
