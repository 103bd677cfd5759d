import { equalBytes } from '../bytes/compare.ts';
import { HASH_BYTES, nodeHash } from './merkle.ts';

/** More than any tree of fewer than 2^53 leaves needs. */
export const MOST_PROOF_HASHES = 108;

/**
 * Whether `proof` shows that the leaf of that hash is number `index` of the tree of `size` leaves with that
 * root (RFC 9162, section 2.1.3.2). False for whatever is not a proof: no index of the tree, hashes of another
 * length than 32 bytes, too few or too many of them.
 */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (!areHashes([leaf, root]) || !areHashes(proof)) return false;
  let [node, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      [node, last] = upToOdd(node, last);
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalBytes(hash, root);
}

/**
 * Whether `proof` shows that the tree of `second` leaves with root `secondRoot` continues that of `first`
 * leaves with root `firstRoot` (RFC 9162, section 2.1.4.2).
 *
 * Two trees of one size need an empty proof and the same root. Of the empty tree nothing is said, since
 * every tree continues it: false, with whatever proof.
 */
export function verifyConsistency(
  first: number,
  second: number,
  firstRoot: Uint8Array,
  secondRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(first) || !isCount(second) || first === 0 || first > second) return false;
  if (first === second) return proof.length === 0 && equalBytes(firstRoot, secondRoot);
  if (!areHashes([firstRoot, secondRoot]) || !areHashes(proof)) return false;
  let [node, last] = [first - 1, second - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // A complete first tree is a node of the second, and its root is not repeated in the proof.
  const [start, ...rest] = node === 0 ? [firstRoot, ...proof] : proof;
  if (start === undefined || (node === 0 && proof.length === 0)) return false;
  let [before, after] = [start, start];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      [node, last] = upToOdd(node, last);
    } else {
      after = nodeHash(after, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalBytes(before, firstRoot) && equalBytes(after, secondRoot);
}

/** Ascend while the node is a left child with no right sibling: nothing is hashed on these levels. */
function upToOdd(node: number, last: number): [number, number] {
  while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
  return [node, last];
}

const half = (value: number): number => Math.floor(value / 2);

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.length <= MOST_PROOF_HASHES && values.every(({ length }) => length === HASH_BYTES);
}
