import { sha256 } from '../../bytes/hash.ts';
import type { AggregateReply, GroupReply } from '../../plan/fragment.ts';
import { encodeAggregateReply } from '../../plan/fragment-codec.ts';

/**
 * SHA-256 of an aggregate reply with its groups in one order: threads and machines finish in any, and the residues
 * are the same whoever evaluates.
 */
export function replyDigest(reply: AggregateReply): Uint8Array {
  return sha256(encodeAggregateReply({ groups: sortedGroups(reply) }));
}

/** The groups by key, ascending: the order in which partial decryptions are listed. */
export function sortedGroups({ groups }: AggregateReply): readonly GroupReply[] {
  return groups.toSorted((a, b) => compareKeys(a.key, b.key));
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
