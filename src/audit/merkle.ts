import { sha256 } from '../bytes/hash.ts';

/** Merkle tree hashes of RFC 6962, section 2.1 (RFC 9162, section 2.1.1), with SHA-256. */
export const HASH_BYTES = 32;

/** The root of the tree of no entries. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** The hash of an entry: SHA-256 of 0x00 ‖ entry. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return sha256(input);
}

/** The hash of an inner node: SHA-256 of 0x01 ‖ left ‖ right. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + left.length + right.length);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + left.length);
  return sha256(input);
}

/** The root of a complete subtree, of the hashes `from` to `from + count` of a row; `count` is a power of two. */
export function subtreeRoot(row: readonly Uint8Array[], from: number, count: number): Uint8Array {
  if (count === 1) return row[from]!;
  const half = count / 2;
  return nodeHash(subtreeRoot(row, from, half), subtreeRoot(row, from + half, half));
}

/** The largest power of two below `count`, which is at least 2. */
export function splitOf(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}
