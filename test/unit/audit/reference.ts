import { sha256 } from '../../../src/bytes/hash.ts';
import { treeRoot, type NodeSource } from '../../../src/audit/proof.ts';

/** The recursive definitions of RFC 9162, section 2.1, word for word: slow, and nothing else is shared. */

const hash = (...parts: readonly (Uint8Array | number)[]): Uint8Array =>
  sha256(Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part]))));

export const referenceLeaf = (entry: Uint8Array): Uint8Array => hash(0, entry);

/** The largest power of two smaller than n. */
const splitAt = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

/** MTH. */
export function referenceRoot(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0) return sha256(new Uint8Array(0));
  if (entries.length === 1) return referenceLeaf(entries[0]!);
  const k = splitAt(entries.length);
  return hash(1, referenceRoot(entries.slice(0, k)), referenceRoot(entries.slice(k)));
}

/** PATH. */
export function referencePath(m: number, entries: readonly Uint8Array[]): Uint8Array[] {
  if (entries.length === 1) return [];
  const k = splitAt(entries.length);
  const [left, right] = [entries.slice(0, k), entries.slice(k)];
  return m < k
    ? [...referencePath(m, left), referenceRoot(right)]
    : [...referencePath(m - k, right), referenceRoot(left)];
}

/** PROOF. */
export function referenceConsistency(m: number, entries: readonly Uint8Array[]): Uint8Array[] {
  return subproof(m, entries, true);
}

function subproof(m: number, entries: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === entries.length) return whole ? [] : [referenceRoot(entries)];
  const k = splitAt(entries.length);
  const [left, right] = [entries.slice(0, k), entries.slice(k)];
  return m <= k
    ? [...subproof(m, left, whole), referenceRoot(right)]
    : [...subproof(m - k, right, false), referenceRoot(left)];
}

/** Nodes of a tree whose entries are all in memory. */
export function nodesOf(entries: readonly Uint8Array[]): NodeSource {
  const known = new Map<string, Uint8Array>();
  return (height, index) => {
    const key = `${height}/${index}`;
    const count = 2 ** height;
    const node = known.get(key) ?? referenceRoot(entries.slice(index * count, (index + 1) * count));
    known.set(key, node);
    return Promise.resolve(node);
  };
}

/** Entries that differ, of different lengths. */
export const entriesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new Uint8Array(1 + (i % 5)).fill(i));

export const rootOf = (entries: readonly Uint8Array[]): Promise<Uint8Array> =>
  treeRoot(entries.length, nodesOf(entries));
