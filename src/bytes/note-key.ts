import { fromBase64, toBase64 } from './base64.ts';
import { utf8 } from './codec.ts';
import { sha256 } from './hash.ts';
import { publicKeyOf } from './signature.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/** Signature types of C2SP signed-note: Ed25519 over the text, and tlog-cosignature's timestamped Ed25519. */
export const NOTE_SIGNATURE = 0x01;
export const COSIGNATURE = 0x04;

export type SignatureType = typeof NOTE_SIGNATURE | typeof COSIGNATURE;

/** Who signs notes: name and id together say which key it is. */
export interface NoteKey {
  readonly name: string;
  readonly type: SignatureType;
  /** 32 bytes, Ed25519 (RFC 8032). */
  readonly publicKey: Uint8Array;
  /** The first four bytes of SHA-256(name ‖ 0x0a ‖ type ‖ public key), big-endian. */
  readonly id: number;
}

const PUBLIC_KEY_BYTES = 32;

/** A key by its parts. @throws BYTES_INVALID for a name that notes cannot carry, or a key of another length */
export function noteKey(name: string, type: SignatureType, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) throw invalid('a name has no space and no plus');
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw invalid('a public key has 32 bytes');
  const digest = sha256(Uint8Array.of(...utf8(`${name}\n`), type, ...publicKey));
  return { name, type, publicKey, id: new DataView(digest.buffer).getUint32(0) };
}

/** The key that a 32-byte Ed25519 secret signs with. */
export function noteKeyOfSecret(name: string, type: SignatureType, secret: Uint8Array): NoteKey {
  return noteKey(name, type, publicKeyOf(secret));
}

/** Neither empty, nor with a Unicode space, a plus or a control character (C2SP signed-note, "Format"). */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name);
}

/** A key as a text to hand out: name+id+base64(type ‖ public key). */
export function formatKey({ name, id, type, publicKey }: NoteKey): string {
  return `${name}+${idText(id)}+${toBase64(Uint8Array.of(type, ...publicKey))}`;
}

/** Reads what `formatKey` gives. @throws BYTES_INVALID */
export function parseKey(text: string): NoteKey {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  if (name === undefined || id === undefined || encoded === undefined) {
    throw invalid('a verifier key is name+id+base64');
  }
  const bytes = fromBase64(encoded, 'the verifier key');
  const type = bytes[0];
  if (type !== NOTE_SIGNATURE && type !== COSIGNATURE) throw invalid('an unknown signature type');
  const key = noteKey(name, type, bytes.slice(1));
  if (idText(key.id) !== id) throw invalid('the id is not that of the key');
  return key;
}

const idText = (id: number): string => id.toString(16).padStart(8, '0');

function invalid(reason: string): OpalineError {
  return new OpalineError('BYTES_INVALID', { what: 'the verifier key', reason });
}
