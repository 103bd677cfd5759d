import { blockOf, prefixHigh, prefixLow } from '../code.ts';
import { BLOCK_BITS, FAN } from '../format.ts';
import { BLOCK_KEYS, type Pads, WORD_BATCH } from '../pads.ts';
import { type BlockSource, comparisons } from '../token/blocks.ts';

/** A segment's rows by code, ascending. */
export interface SortedRows {
  /** Two words each, low and high. */
  readonly codes: Uint32Array;
  /** Rows of code i are members[starts[i]] to members[starts[i + 1] − 1]. */
  readonly starts: Uint32Array;
  readonly members: Uint32Array;
}

/** Prefixes whose keys are made at once. */
const PREFIX_BATCH = 1024;

/**
 * The words of one block of every row (Lewi–Wu, section 4, Encrypt_R). Codes ascend, so those of one prefix are
 * neighbours, and its keys and permutation are made once.
 */
export function encryptBlock(
  { codes, starts, members }: SortedRows,
  block: number,
  blocks: number,
  source: BlockSource,
  pads: Pads,
): Uint32Array {
  const plane = new Uint32Array(members.length);
  const below = BLOCK_BITS * (blocks - 1 - block);
  const writer = new PlaneWriter(plane, pads);
  const count = codes.length / 2;
  for (let first = 0; first < count;) {
    const { prefixes, prefixOf, end } = nextPrefixes(codes, first, below + BLOCK_BITS);
    const { keys, places } = source.blocks(block, prefixes);
    for (let i = first; i < end; i++) {
      const p = prefixOf[i - first]!;
      const y = blockOf(codes[2 * i]!, codes[2 * i + 1]!, below);
      const word = comparisons(places, FAN * p, y);
      const blockKeys = keys.subarray(BLOCK_KEYS * p, BLOCK_KEYS * (p + 1));
      for (let m = starts[i]!; m < starts[i + 1]!; m++) writer.add(members[m]!, word, blockKeys);
    }
    writer.flush();
    keys.fill(0);
    first = end;
  }
  return plane;
}

/** The prefixes of the codes from `first` on, PREFIX_BATCH at most; `bits` of a code are not in them. */
function nextPrefixes(
  codes: Uint32Array,
  first: number,
  bits: number,
): { prefixes: Uint32Array; prefixOf: number[]; end: number } {
  const prefixes: number[] = [];
  const prefixOf: number[] = [];
  let end = first;
  for (; end < codes.length / 2; end++) {
    const low = prefixLow(codes[2 * end]!, codes[2 * end + 1]!, bits);
    const high = prefixHigh(codes[2 * end + 1]!, bits);
    const same = prefixes.at(-2) === low && prefixes.at(-1) === high;
    if (!same) {
      if (prefixes.length === 2 * PREFIX_BATCH) break;
      prefixes.push(low, high);
    }
    prefixOf.push(prefixes.length / 2 - 1);
  }
  return { prefixes: Uint32Array.from(prefixes), prefixOf, end };
}

/** Masks words in batches. */
class PlaneWriter {
  private readonly plane: Uint32Array;
  private readonly pads: Pads;
  private readonly rows = new Uint32Array(WORD_BATCH);
  private readonly plain = new Uint32Array(WORD_BATCH);
  private readonly words = new Uint32Array(WORD_BATCH);
  private readonly keys = new Uint8Array(WORD_BATCH * BLOCK_KEYS);
  private count = 0;

  constructor(plane: Uint32Array, pads: Pads) {
    this.plane = plane;
    this.pads = pads;
  }

  add(row: number, word: number, keys: Uint8Array): void {
    this.keys.set(keys, BLOCK_KEYS * this.count);
    this.rows[this.count] = row;
    this.plain[this.count] = word;
    if (++this.count === WORD_BATCH) this.flush();
  }

  flush(): void {
    const { count, rows, plain, words, plane } = this;
    this.pads.ofBlocks(this.keys, rows, count, words);
    for (let i = 0; i < count; i++) plane[rows[i]!] = plain[i]! ^ words[i]!;
    this.keys.fill(0);
    this.count = 0;
  }
}
