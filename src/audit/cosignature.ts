import { utf8 } from '../bytes/codec.ts';
import { sign, verify } from '../bytes/signature.ts';
import { COSIGNATURE, noteKeyOfSecret, type NoteKey } from '../bytes/note-key.ts';
import { type Note, type NoteSignature, signaturesBy } from '../bytes/note.ts';

/** u64 of seconds, then an Ed25519 signature (C2SP tlog-cosignature, "Format"). */
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

function signedMessage(text: string, seconds: bigint): Uint8Array {
  return utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}

/**
 * What a witness says with it: at that time, the largest consistent tree that it saw of this log was the one of the
 * checkpoint. `text` is the checkpoint's, `seconds` since 1970.
 */
export function cosign(
  text: string,
  name: string,
  secret: Uint8Array,
  seconds: number,
): NoteSignature {
  const { id } = noteKeyOfSecret(name, COSIGNATURE, secret);
  const bytes = new Uint8Array(TIME_BYTES + SIGNATURE_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(seconds));
  bytes.set(sign(secret, signedMessage(text, BigInt(seconds))), TIME_BYTES);
  return { name, keyId: id, bytes };
}

/** What a checkpoint says of a witness: its newest cosignature's time in seconds, none, or one that is not its. */
export type Cosigned =
  | { readonly kind: 'cosigned'; readonly seconds: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid' };

/** Verifies the cosignatures of a witness, whose key is of type COSIGNATURE. */
export function cosignedBy(note: Note, witness: NoteKey): Cosigned {
  const own = signaturesBy(note, witness);
  if (own.length === 0) return { kind: 'absent' };
  let latest = 0;
  for (const { bytes } of own) {
    if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return { kind: 'invalid' };
    const seconds = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
    if (seconds > BigInt(Number.MAX_SAFE_INTEGER)) return { kind: 'invalid' };
    const message = signedMessage(note.text, seconds);
    if (!verify(witness.publicKey, message, bytes.subarray(TIME_BYTES))) return { kind: 'invalid' };
    latest = Math.max(latest, Number(seconds));
  }
  return { kind: 'cosigned', seconds: latest };
}
