import { openBytes, sealBytes } from '../bytes/aead.ts';
import { Reader, utf8, Writer } from '../bytes/codec.ts';
import { compareBytes } from '../bytes/compare.ts';
import { frame, FRAME_BYTES, unframe } from '../bytes/framing.ts';
import { deriveKey, hmacSha256 } from '../bytes/hash.ts';
import { toHex } from '../bytes/hex.ts';
import { randomBytes } from '../bytes/random.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { type DetailKey, REF_BYTES } from './detail.ts';

/** A subject's key at rest: found by a keyed hash of the subject's name, which is nowhere in clear. */
export interface SubjectKey extends DetailKey {
  /** 32 bytes. */
  readonly tag: Uint8Array;
}

/** What follows from the 32-byte secret under which a log's details are sealed. */
export interface SealingKeys {
  /** Seals details about nobody; as old as the log, never shredded. */
  readonly general: DetailKey;
  /** Where a subject's key is to be looked for. */
  tagOf(subject: string): Uint8Array;
  /** Seals the files of subjects' keys. */
  readonly files: Uint8Array;
}

const TAG_BYTES = 32;
const KEY_BYTES = 32;
/** Files of keys: as many as a tag's first byte has values, so that a new key rewrites a small share of them. */
export const KEY_SHARDS = 256;

export function sealingKeys(secret: Uint8Array): SealingKeys {
  const names = deriveKey(secret, 'opaline/1/audit/subjects');
  return {
    general: {
      ref: new Uint8Array(REF_BYTES),
      key: deriveKey(secret, 'opaline/1/audit/general'),
    },
    tagOf: (subject) => hmacSha256(names, utf8(subject)),
    files: deriveKey(secret, 'opaline/1/audit/keys'),
  };
}

/** A key for a subject that has none: random, so that nothing but its file knows it. */
export function newSubjectKey(tag: Uint8Array): SubjectKey {
  return { tag, ref: randomBytes(REF_BYTES), key: randomBytes(KEY_BYTES) };
}

/** The path, below the log's folder, of the keys whose tags begin with a byte. */
export function keyPath(shard: number): string {
  return `keys/${toHex(Uint8Array.of(shard))}`;
}

/** A file of keys: AES-256-GCM under `SealingKeys.files`, bound to its frame and its place. */
export function sealSubjectKeys(
  keys: readonly SubjectKey[],
  shard: number,
  sealing: SealingKeys,
): Uint8Array {
  const sorted = [...keys].sort((a, b) => compareBytes(a.tag, b.tag));
  const plain = new Writer().u32(sorted.length);
  for (const { tag, ref, key } of sorted) plain.raw(tag).raw(ref).raw(key);
  const header = frame('LOGK').finish();
  const sealed = sealBytes(sealing.files, plain.finish(), boundTo(header, shard));
  return new Writer().raw(header).raw(sealed).finish();
}

/** @throws BYTES_INVALID naming the file, also where another secret sealed it; VERSION_UNSUPPORTED */
export function openSubjectKeys(
  bytes: Uint8Array,
  shard: number,
  sealing: SealingKeys,
): SubjectKey[] {
  const what = keyPath(shard);
  const sealed = checkKeyFile(bytes, what);
  const header = bytes.subarray(0, FRAME_BYTES);
  const reader = new Reader(openBytes(sealing.files, sealed, boundTo(header, shard), what), what);
  const keys = Array.from(
    { length: reader.count(TAG_BYTES + REF_BYTES + KEY_BYTES) },
    (): SubjectKey => ({
      tag: reader.raw(TAG_BYTES).slice(),
      ref: reader.raw(REF_BYTES).slice(),
      key: reader.raw(KEY_BYTES).slice(),
    }),
  );
  reader.end();
  if (keys.some(({ tag }) => tag[0] !== shard)) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'a key of another file' });
  }
  return keys;
}

/** What can be checked without a key. @returns the sealed content. @throws BYTES_INVALID, VERSION_UNSUPPORTED */
export function checkKeyFile(bytes: Uint8Array, what: string): Uint8Array {
  const reader = unframe(bytes, 'LOGK', what);
  return reader.raw(reader.remaining);
}

function boundTo(header: Uint8Array, shard: number): Uint8Array {
  return new Writer(32).raw(header).u8(shard).finish();
}
