import { nodeHash, splitOf } from './merkle.ts';

/** The root of the complete subtree of 2^height leaves that begins at leaf index · 2^height. */
export type NodeSource = (height: number, index: number) => Promise<Uint8Array>;

/**
 * The hashes that prove that leaf `index` is in the tree of `size` leaves, the leaf's sibling first
 * (PATH of RFC 9162, section 2.1.3.1). Needs 0 ≤ index < size.
 */
export async function inclusionProof(
  index: number,
  size: number,
  node: NodeSource,
): Promise<Uint8Array[]> {
  const path: Promise<Uint8Array>[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.unshift(rangeRoot(middle, end, node));
      end = middle;
    } else {
      path.unshift(rangeRoot(start, middle, node));
      start = middle;
    }
  }
  return await Promise.all(path);
}

/**
 * The hashes that prove that the tree of `second` leaves continues that of `first`
 * (PROOF of RFC 9162, section 2.1.4.1). Needs 0 < first ≤ second.
 */
export async function consistencyProof(
  first: number,
  second: number,
  node: NodeSource,
): Promise<Uint8Array[]> {
  const path: Promise<Uint8Array>[] = [];
  let [start, end] = [0, second];
  while (end !== first) {
    const middle = start + splitOf(end - start);
    if (first <= middle) {
      path.unshift(rangeRoot(middle, end, node));
      end = middle;
    } else {
      path.unshift(rangeRoot(start, middle, node));
      start = middle;
    }
  }
  // From leaf 0 on it is the first tree itself, whose root the verifier has.
  if (start > 0) path.unshift(rangeRoot(start, end, node));
  return await Promise.all(path);
}

/** The root of the tree of `size` leaves, at least one. */
export async function treeRoot(size: number, node: NodeSource): Promise<Uint8Array> {
  return await rangeRoot(0, size, node);
}

/** MTH(D[start:end]) for ranges that the tree's recursion meets: `start` is a multiple of every subtree's size in it. */
async function rangeRoot(start: number, end: number, node: NodeSource): Promise<Uint8Array> {
  const count = end - start;
  if (count === 1) return await node(0, start);
  const split = splitOf(count);
  if (split * 2 === count) return await node(heightOf(count), start / count);
  const [left, right] = await Promise.all([
    rangeRoot(start, start + split, node),
    rangeRoot(start + split, end, node),
  ]);
  return nodeHash(left, right);
}

function heightOf(count: number): number {
  let height = 0;
  for (let rest = count; rest > 1; rest /= 2) height++;
  return height;
}
