import { OpalineError } from '../../errors/opaline-error.ts';

/** Bytes of a label: 2^18 rows and a dozen columns stay far from a 128-bit birthday. */
export const LABEL_BYTES = 16;
export const LABEL_WORDS = 4;

/**
 * Records of one size in a row, each beginning with its label, ascending by label. Labels order as
 * their little-endian words do, the first word first.
 */
export interface Region {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Bytes of a record, its label included. */
  readonly stride: number;
  readonly count: number;
  /** Words of a label: 4, or fewer where records are many and small. */
  readonly labelWords: number;
}

export function regionOf(
  bytes: Uint8Array,
  stride: number,
  labelWords: number = LABEL_WORDS,
): Region {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, stride, count: bytes.length / stride, labelWords };
}

/** Order of the labels of the records at two byte offsets. */
function compareLabels({ view, labelWords }: Region, a: number, b: number): number {
  for (let i = 0; i < labelWords; i++) {
    const difference = view.getUint32(a + 4 * i, true) - view.getUint32(b + 4 * i, true);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True when labels ascend strictly, so that each is there at most once. */
export function isSorted(region: Region): boolean {
  const { stride, count } = region;
  for (let i = 1; i < count; i++) {
    if (compareLabels(region, (i - 1) * stride, i * stride) >= 0) return false;
  }
  return true;
}

/**
 * Byte offset of the record whose label is the words from `from` on, or −1. Binary search over
 * the raw bytes: at most log2(count) + 1 probes whatever the bytes are.
 */
export function findRecord(region: Region, label: Uint32Array, from: number): number {
  const { stride, count } = region;
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareTo(region, middle * stride, label, from);
    if (order === 0) return middle * stride;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function compareTo(
  { view, labelWords }: Region,
  at: number,
  label: Uint32Array,
  from: number,
): number {
  for (let i = 0; i < labelWords; i++) {
    const difference = view.getUint32(at + 4 * i, true) - label[from + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Sort a region's records in place by label. Labels are pseudorandom, so their leading bits spread
 * records evenly over about as many buckets, and a bucket needs next to no sorting.
 * @throws INTERNAL when two labels are equal: the same keyword was given twice.
 */
export function sortRegion(region: Region): void {
  const order = sortedOrder(region);
  permute(region, order);
  for (let i = 1; i < order.length; i++) {
    if (compareLabels(region, (i - 1) * region.stride, i * region.stride) === 0) {
      throw new OpalineError('INTERNAL', { reason: 'a keyword was indexed twice' });
    }
  }
}

/** order[i]: which record belongs at place i. */
function sortedOrder(region: Region): Uint32Array {
  const { view, stride, count } = region;
  const bits = Math.min(20, Math.max(1, 32 - Math.clz32(count)));
  const ends = new Uint32Array(2 ** bits + 1);
  const bucketOf = (record: number): number =>
    view.getUint32(record * stride, true) >>> (32 - bits);
  for (let i = 0; i < count; i++) ends[bucketOf(i) + 1]! += 1;
  for (let b = 0; b < 2 ** bits; b++) ends[b + 1]! += ends[b]!;
  const order = new Uint32Array(count);
  // Filling from each bucket's end moves ends[b + 1] down to the bucket's start.
  for (let i = count - 1; i >= 0; i--) {
    const at = (ends[bucketOf(i) + 1]! -= 1);
    order[at] = i;
  }
  for (let i = 1; i < count; i++) {
    const record = order[i]!;
    let j = i;
    while (j > 0 && compareLabels(region, order[j - 1]! * stride, record * stride) > 0) {
      order[j] = order[j - 1]!;
      j--;
    }
    order[j] = record;
  }
  return order;
}

/** Apply a permutation along its cycles, with room for one record; `order` is used up. */
function permute({ bytes, stride, count }: Region, order: Uint32Array): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const width = stride / 4;
  const spare = new Uint32Array(width);
  for (let start = 0; start < count; start++) {
    if (order[start] === start) continue;
    for (let k = 0; k < width; k++) spare[k] = words[start * width + k]!;
    let at = start;
    for (;;) {
      const source = order[at]!;
      order[at] = at;
      if (source === start) break;
      for (let k = 0; k < width; k++) words[at * width + k] = words[source * width + k]!;
      at = source;
    }
    for (let k = 0; k < width; k++) words[at * width + k] = spare[k]!;
  }
}
