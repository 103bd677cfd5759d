import { openBytes, sealBytes } from '../bytes/aead.ts';
import { Writer } from '../bytes/codec.ts';
import { equalBytes, wipe } from '../bytes/compare.ts';
import { hmacSha256, sha256 } from '../bytes/hash.ts';
import { pad, padmeLength, unpad } from '../bytes/padding.ts';
import { randomBytes } from '../bytes/random.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { LeafDetail } from './leaf.ts';

/** Whose key a detail is sealed under: 16 random bytes for each subject, zeros for what is about nobody. */
export const REF_BYTES = 16;
export const SALT_BYTES = 32;

/** Where in the log a detail belongs: the `part`-th of the entry `index`. */
export interface DetailPlace {
  readonly index: number;
  readonly part: number;
}

/** A detail at rest. */
export interface SealedDetail extends DetailPlace {
  readonly ref: Uint8Array;
  /** AES-256-GCM of salt ‖ content, padded (Padmé), bound to the place. */
  readonly sealed: Uint8Array;
}

/** What a detail says, with the salt that opens the leaf's commitment to it. */
export interface OpenDetail {
  readonly content: Uint8Array;
  readonly salt: Uint8Array;
}

/** A subject's key, or that of details about nobody. */
export interface DetailKey {
  readonly ref: Uint8Array;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** Seals a detail for its place in the log. */
export function sealDetail(
  { ref, key }: DetailKey,
  place: DetailPlace,
  content: Uint8Array,
): { readonly leaf: LeafDetail; readonly record: SealedDetail } {
  const salt = randomBytes(SALT_BYTES);
  const plain = new Writer(SALT_BYTES + content.length)
    .raw(salt)
    .raw(pad(content, padmeLength(content.length + 1)))
    .finish();
  const sealed = sealBytes(key, plain, boundTo(place));
  wipe(plain);
  const record = { ...place, ref, sealed };
  return { leaf: { commitment: commitTo(salt, content), digest: digestOf(record) }, record };
}

/**
 * Hiding, since HMAC under a random key is a pseudorandom function; binding, since keys of one length below SHA-256's
 * block make a collision of HMAC one of SHA-256.
 */
export function commitTo(salt: Uint8Array, content: Uint8Array): Uint8Array {
  return hmacSha256(salt, content);
}

/** What the leaf says of the record. */
export function digestOf({ ref, sealed }: SealedDetail): Uint8Array {
  return sha256(new Writer(ref.length + sealed.length).raw(ref).raw(sealed).finish());
}

/**
 * Opens a record and compares it with the leaf's commitment.
 * @throws BYTES_INVALID naming `what` when it is not what was logged there
 */
export function openDetail(
  key: Uint8Array,
  record: SealedDetail,
  { commitment }: LeafDetail,
  what: string,
): OpenDetail {
  const plain = openBytes(key, record.sealed, boundTo(record), what);
  if (plain.length <= SALT_BYTES) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'too short to be a detail' });
  }
  const salt = plain.slice(0, SALT_BYTES);
  const content = unpad(plain.subarray(SALT_BYTES), what).slice();
  if (!equalBytes(commitTo(salt, content), commitment)) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'not what the entry commits to' });
  }
  return { content, salt };
}

function boundTo({ index, part }: DetailPlace): Uint8Array {
  return new Writer(64).text('opaline/1/audit/detail').u64(index).u16(part).finish();
}
