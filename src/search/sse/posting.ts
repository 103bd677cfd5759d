import { OpalineError } from '../../errors/opaline-error.ts';
import { RowSet } from '../../table/row-set.ts';

/**
 * A posting list as bits: Elias–Fano (Elias 1974; Fano 1971; as in Vigna, "Quasi-succinct indices",
 * WSDM 2013) or a bitmap, whichever is shorter. Both lengths depend on the number of rows
 * listed and the segment's rows alone, never on which rows they are.
 *
 * Elias–Fano of n ascending rows below N: the low ℓ = ⌊log2(N/n)⌋ bits of each, packed; then for each
 * row a one at position ⌊row / 2^ℓ⌋ + its index. Bit k of a sequence is bit k & 31 of word k >>> 5.
 */
function lowBits(count: number, rows: number): number {
  return 31 - Math.clz32(Math.floor(rows / count));
}

function eliasFanoBits(count: number, rows: number): number {
  const low = lowBits(count, rows);
  return count * (low + 1) + ((rows - 1) >>> low);
}

function isDense(count: number, rows: number): boolean {
  return rows <= eliasFanoBits(count, rows);
}

/** Bits of an encoded list of `count` rows, 1 to `rows`. */
export function postingBits(count: number, rows: number): number {
  return Math.min(rows, eliasFanoBits(count, rows));
}

/** Encode rows[from, to), strictly ascending and below `rows`, into zeroed words from word `at`. */
export function encodePosting(
  list: Uint32Array,
  from: number,
  to: number,
  rows: number,
  words: Uint32Array,
  at: number,
): void {
  const count = to - from;
  if (isDense(count, rows)) {
    for (let i = from; i < to; i++) words[at + (list[i]! >>> 5)]! |= 1 << (list[i]! & 31);
    return;
  }
  const low = lowBits(count, rows);
  const mask = 2 ** low - 1;
  let lowAt = at * 32;
  let highAt = lowAt + count * low;
  for (let i = from; i < to; i++, lowAt += low, highAt++) {
    const row = list[i]!;
    const bits = row & mask;
    const shift = lowAt & 31;
    words[lowAt >>> 5]! |= bits << shift;
    if (shift + low > 32) words[(lowAt >>> 5) + 1]! |= bits >>> (32 - shift);
    const high = highAt + (row >>> low);
    words[high >>> 5]! |= 1 << (high & 31);
  }
}

/**
 * The rows of an encoded list; `words` holds it from bit 0, and zeros to its end.
 * @throws BYTES_INVALID unless it is exactly `count` distinct rows below `rows`.
 */
export function decodePosting(words: Uint32Array, count: number, rows: number): RowSet {
  const bits = postingBits(count, rows);
  const dense = isDense(count, rows);
  const set = dense
    ? new RowSet(rows, words.slice(0, (rows + 31) >>> 5))
    : decodeEliasFano(words, count, rows);
  let excess = (bits & 31) === 0 ? 0 : words[bits >>> 5]! >>> (bits & 31);
  for (let w = (bits + 31) >>> 5; w < words.length; w++) excess |= words[w]!;
  if (excess !== 0 || (dense && set.count !== count)) corrupt();
  return set;
}

function decodeEliasFano(words: Uint32Array, count: number, rows: number): RowSet {
  const set = new RowSet(rows);
  const out = set.words;
  const low = lowBits(count, rows);
  const mask = 2 ** low - 1;
  const start = count * low;
  const end = postingBits(count, rows);
  let lowAt = 0;
  // The one of row number i at bit b says row >>> low is b − start − i.
  let base = start;
  for (let w = start >>> 5; w < (end + 31) >>> 5; w++) {
    let ones = words[w]!;
    if (w === start >>> 5) ones &= -1 << (start & 31);
    while (ones !== 0) {
      const lowest = ones & -ones;
      ones ^= lowest;
      const high = (w << 5) + 31 - Math.clz32(lowest) - base;
      if (++base > start + count) corrupt();
      const word = lowAt >>> 5;
      const shift = lowAt & 31;
      let bits = words[word]! >>> shift;
      if (shift + low > 32) bits |= words[word + 1]! << (32 - shift);
      lowAt += low;
      const row = high * 2 ** low + (bits & mask);
      const bit = 1 << (row & 31);
      if (row >= rows || (out[row >>> 5]! & bit) !== 0) corrupt();
      out[row >>> 5]! |= bit;
    }
  }
  if (base !== start + count) corrupt();
  return set;
}

function corrupt(): never {
  throw new OpalineError('BYTES_INVALID', {
    what: 'sse index',
    reason: 'a posting list is damaged',
  });
}
