import type { ColumnType } from '../../table/value.ts';
import { blockOf, codeWords, prefixHigh, prefixLow } from './code.ts';
import { BLOCK_BITS, BLOCK_KEY_BYTES, encodeToken, type LeftCiphertext } from './format.ts';
import { codeOf, decodeOreState } from './state.ts';
import { type BlockSource, blockSource, entryKey } from './token/blocks.ts';

/** One end of a range, as a canonical value. */
export interface OreEnd {
  readonly value: Uint8Array;
  readonly inclusive: boolean;
}

/** Codes from `low` to `high`, both in the range. */
export interface CodeRange {
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * The codes of the rows of a segment whose value lies between ends, an absent end being unbounded; undefined where none
 * can. NULL is in no range. Codes are whole numbers, so whether an end was included does not show in them.
 * @throws BYTES_INVALID for a state that was not written by `buildOre`
 */
export function rangeCodes(
  state: Uint8Array,
  type: ColumnType,
  low?: OreEnd,
  high?: OreEnd,
): CodeRange | undefined {
  const { blocks, span } = decodeOreState(state);
  if (span === undefined) return undefined;
  const top = (1n << BigInt(BLOCK_BITS * blocks)) - 1n;
  const code = (end: OreEnd, step: bigint): bigint =>
    codeOf(end.value, type, span.least) + (end.inclusive ? 0n : step);
  const from = low === undefined ? 1n : code(low, 1n);
  const to = high === undefined ? top : code(high, -1n);
  if (from > to || to < 1n || from > span.most - span.least + 1n) return undefined;
  return { low: from < 1n ? 1n : from, high: to > top ? top : to };
}

/** The codes of NULL. */
export const NULL_CODES: CodeRange = { low: 0n, high: 0n };

/**
 * The token of a range of codes: always two left ciphertexts, so that it does not show which ends the query had, unless
 * they are the same code.
 * @throws BYTES_INVALID for a state that was not written by `buildOre`
 */
export function rangeToken(
  key: Uint8Array,
  state: Uint8Array,
  { low, high }: CodeRange,
): Uint8Array {
  const { blocks } = decodeOreState(state);
  const source = blockSource(key);
  return encodeToken({
    low: encryptLeft(source, blocks, low),
    high: encryptLeft(source, blocks, high),
  });
}

/** Encrypt_L of Lewi–Wu, section 4. */
function encryptLeft(source: BlockSource, blocks: number, code: bigint): LeftCiphertext {
  const [low, high] = codeWords([code]) as unknown as [number, number];
  const entries = new Uint8Array(blocks);
  const keys = new Uint8Array(BLOCK_KEY_BYTES * blocks);
  for (let block = 0; block < blocks; block++) {
    const below = BLOCK_BITS * (blocks - 1 - block);
    const above = below + BLOCK_BITS;
    const prefix = Uint32Array.of(prefixLow(low, high, above), prefixHigh(high, above));
    const made = source.blocks(block, prefix);
    const entry = made.places[blockOf(low, high, below)]!;
    entries[block] = entry;
    keys.set(entryKey(made.keys, entry), BLOCK_KEY_BYTES * block);
    made.keys.fill(0);
  }
  return { keys, entries };
}
