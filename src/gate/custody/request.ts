import type { Continuation } from '../../audit/continuation.ts';
import { HASH_BYTES } from '../../audit/merkle.ts';
import { MOST_PROOF_HASHES } from '../../audit/verify-proof.ts';
import { Reader, utf8, Writer } from '../../bytes/codec.ts';
import { equalBytes } from '../../bytes/compare.ts';
import { frame, unframe } from '../../bytes/framing.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/hash.ts';
import { sign, verify } from '../../bytes/signature.ts';
import { OpalineError } from '../../errors/opaline-error.ts';

/** What the gate asks every custodian of a quorum: its part of the decryption of a fragment's reply. */
export interface PartialsRequest {
  /** Id of the divided key, 32 hex digits. */
  readonly key: string;
  /** Indexes of the custodians who are asked, ascending. */
  readonly quorum: readonly number[];
  /** The encoded fragment; it names the table and the epoch. */
  readonly fragment: Uint8Array;
  /** Of the reply that the store gave (reply-digest.ts). */
  readonly digest: Uint8Array;
  readonly intent: LoggedIntent;
}

/** That the request was announced before anything was decrypted. */
export interface LoggedIntent {
  /** The log's entry, of kind `INTENT_KIND`; its one detail is `intentOf` the request. */
  readonly entry: Uint8Array;
  /** Opens the entry's commitment to it. */
  readonly salt: Uint8Array;
  /** C2SP tlog-proof. */
  readonly proof: string;
  /** That the proof's checkpoint continues what the custodian who is asked knows of the log. */
  readonly continuation: Continuation;
}

export const INTENT_KIND = 'custody.intent';

const INTENT_HEADER = 'opaline custody intent v1\n';
const WHAT = 'a request for partial decryptions';
const DIGEST_BYTES = 32;
const SALT_BYTES = 32;
const SIGNATURE_BYTES = 64;
const MOST_FRAGMENT = 1 << 26;
const MOST_ENTRY = 1 << 16;
const MOST_PROOF = 1 << 19;

/** What the log's entry commits to: which key, which custodians, which fragment. */
export function intentOf({
  key,
  quorum,
  fragment,
}: Pick<PartialsRequest, 'key' | 'quorum' | 'fragment'>): Uint8Array {
  const writer = new Writer(128).raw(utf8(INTENT_HEADER));
  writer.raw(fromHex(key, 'a key id')).u8(quorum.length);
  for (const index of quorum) writer.u8(index);
  return writer.raw(sha256(fragment)).finish();
}

/**
 * What an entry of the log says that it announces: `fragment` is the digest, 64 hex digits.
 * @throws BYTES_INVALID
 */
export function readIntent(content: Uint8Array): {
  readonly key: string;
  readonly quorum: readonly number[];
  readonly fragment: string;
} {
  const reader = new Reader(content, 'an announcement');
  const header = utf8(INTENT_HEADER);
  if (!equalBytes(reader.raw(header.length), header)) reader.fail('not of its form');
  const key = toHex(reader.raw(16));
  const quorum = [...reader.raw(reader.u8())];
  const fragment = toHex(reader.raw(DIGEST_BYTES));
  reader.end();
  return { key, quorum, fragment };
}

/** The request's bytes, signed by the gate's 32-byte Ed25519 secret. */
export function signRequest(request: PartialsRequest, secret: Uint8Array): Uint8Array {
  const { key, quorum, fragment, digest, intent } = request;
  const writer = frame('PREQ', fragment.length + 4096).raw(fromHex(key, 'a key id'));
  writer.u8(quorum.length);
  for (const index of quorum) writer.u8(index);
  writer.bytes(fragment).raw(digest);
  const { entry, salt, proof, continuation } = intent;
  writer.bytes(entry).raw(salt).text(proof);
  writer.u64(continuation.from).u8(continuation.hashes.length);
  for (const hash of continuation.hashes) writer.raw(hash);
  const body = writer.finish();
  return new Writer(body.length + SIGNATURE_BYTES).raw(body).raw(sign(secret, body)).finish();
}

/**
 * The request of signed bytes. The signature is verified before anything else is read.
 * @throws BYTES_INVALID unless the gate of that public key signed it, and it is of this form
 */
export function openRequest(bytes: Uint8Array, gate: Uint8Array): PartialsRequest {
  const body = bytes.subarray(0, Math.max(0, bytes.length - SIGNATURE_BYTES));
  if (!verify(gate, body, bytes.subarray(body.length))) {
    throw new OpalineError('BYTES_INVALID', { what: WHAT, reason: 'not signed by the gate' });
  }
  return parseRequest(bytes);
}

/** The same of bytes whose signature nobody has verified. @throws BYTES_INVALID */
export function parseRequest(bytes: Uint8Array): PartialsRequest {
  const body = bytes.subarray(0, Math.max(0, bytes.length - SIGNATURE_BYTES));
  const reader = unframe(body, 'PREQ', WHAT);
  const key = toHex(reader.raw(16));
  const quorum = [...reader.raw(reader.u8())];
  if (quorum.some((index, i) => index <= (quorum[i - 1] ?? 0))) {
    reader.fail('its custodians do not ascend');
  }
  const fragment = reader.bytes(MOST_FRAGMENT).slice();
  const digest = reader.raw(DIGEST_BYTES).slice();
  const entry = reader.bytes(MOST_ENTRY).slice();
  const salt = reader.raw(SALT_BYTES).slice();
  const proof = reader.text(MOST_PROOF);
  const from = reader.u64();
  const count = reader.u8();
  if (count > MOST_PROOF_HASHES) reader.fail('no tree needs so many hashes');
  const hashes = Array.from({ length: count }, () => reader.raw(HASH_BYTES).slice());
  reader.end();
  const continuation = { from, hashes };
  return { key, quorum, fragment, digest, intent: { entry, salt, proof, continuation } };
}
