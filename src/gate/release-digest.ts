import { utf8 } from '../bytes/codec.ts';
import { hmacSha256 } from '../bytes/hash.ts';
import { keyText } from '../plan/interpret.ts';
import type { Release } from './gate.ts';
import { jsonOf } from './governed/capability.ts';

/**
 * HMAC-SHA-256 of what was computed, before anything of it is left out or made noisy: the same again of the same plan
 * on the same rows. Under a key of the vault, for figures are few enough to be guessed.
 */
export function releaseDigest(
  { groups, result }: Pick<Release, 'groups' | 'result'>,
  key: Uint8Array,
): Uint8Array {
  const sorted = groups
    ?.map((group) => [keyText(group.key), jsonOf(group)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const what = sorted ?? [result.columns, result.rows];
  return hmacSha256(key, utf8(`opaline computed v1\n${jsonOf(what)}\n`));
}
