import { openBytes, SEAL_OVERHEAD, sealBytes } from '../../../bytes/aead.ts';
import { Reader, Writer } from '../../../bytes/codec.ts';
import { equalBytes, wipe } from '../../../bytes/compare.ts';
import { deriveKey, hmacSha256 } from '../../../bytes/hash.ts';
import { LABEL_BYTES } from '../region.ts';
import { ENTRY_BYTES, ENTRY_LABEL, ENTRY_MAC } from '../proof.ts';

const WHAT = 'MACs of an sse index';

/** What the MACs of one segment's lists are made and checked with. */
export interface ProofKey {
  /** Where a bucket lies in the index. 16 bytes. */
  place(bucket: number): Uint8Array;
  /** The MAC of a list: its keyword's token, then the words of its records, length first. */
  mac(token: Uint8Array, words: Uint8Array): Uint8Array;
  seal(bucket: number, content: Uint8Array): Uint8Array;
  /** @throws BYTES_INVALID unless it is that bucket, unaltered */
  open(bucket: number, sealed: Uint8Array): Uint8Array;
}

/**
 * Under the key of a segment's index and the epoch in which the segment was published, which the signed manifest
 * says. HMAC-SHA-256 cut to 128 bits (RFC 2104, section 5); the token has 32 bytes, so that it ends where the words begin.
 */
export function proofKey(segmentKey: Uint8Array, epoch: number): ProofKey {
  const key = (use: string): Uint8Array =>
    deriveKey(segmentKey, `opaline/sse/proof/${epoch}/${use}`);
  const [macs, places, seals] = [key('mac'), key('place'), key('seal')];
  const number = (bucket: number): Uint8Array => new Writer(4).u32(bucket).finish();
  return {
    place: (bucket) => hmacSha256(places, number(bucket)).slice(0, LABEL_BYTES),
    mac: (token, words) => {
      const message = new Uint8Array(token.length + words.length);
      message.set(token);
      message.set(words, token.length);
      const mac = hmacSha256(macs, message).slice(0, ENTRY_MAC);
      wipe(message);
      return mac;
    },
    seal: (bucket, content) => sealBytes(seals, content, number(bucket)),
    open: (bucket, sealed) => openBytes(seals, sealed, number(bucket), WHAT),
  };
}

/** Bytes of a bucket's record, label and seal included. */
export function bucketRecordBytes(content: number): number {
  return LABEL_BYTES + SEAL_OVERHEAD + content;
}

/**
 * Whether a bucket says that a list has this MAC; undefined: it says that the keyword has no list.
 * @param label of the list's first record
 * @throws BYTES_INVALID
 */
export function judgeList(
  content: Uint8Array,
  label: Uint8Array,
  mac: Uint8Array | undefined,
): boolean | undefined {
  const reader = new Reader(content, WHAT);
  const count = reader.u16();
  const entries = reader.raw(count * ENTRY_BYTES);
  let found: boolean | undefined;
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    const entry = entries.subarray(at, at + ENTRY_BYTES);
    if (!equalBytes(entry.subarray(0, ENTRY_LABEL), label.subarray(0, ENTRY_LABEL))) continue;
    const holds = mac !== undefined && equalBytes(entry.subarray(ENTRY_LABEL), mac);
    found = (found ?? false) || holds;
  }
  return found;
}
