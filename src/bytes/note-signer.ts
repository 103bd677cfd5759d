import { fromBase64, toBase64 } from './base64.ts';
import { NOTE_SIGNATURE, type NoteKey, noteKeyOfSecret } from './note-key.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/** Whoever signs notes: a name and a 32-byte Ed25519 secret. */
export interface NoteSigner {
  readonly key: NoteKey;
  readonly secret: Uint8Array;
}

const SECRET_BYTES = 32;
const START = 'PRIVATE+KEY+';

/** A signer as a text to keep secret: PRIVATE+KEY+name+id+base64(type ‖ secret), as Go's sumdb/note has it. */
export function formatSigner(name: string, secret: Uint8Array): string {
  const { id } = noteKeyOfSecret(name, NOTE_SIGNATURE, secret);
  return `${START}${name}+${idText(id)}+${toBase64(Uint8Array.of(NOTE_SIGNATURE, ...secret))}`;
}

/** Reads what `formatSigner` gives. @throws BYTES_INVALID */
export function parseSigner(text: string): NoteSigner {
  const [, name, id, encoded] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  if (name === undefined || id === undefined || encoded === undefined) {
    throw invalid('a signer key is PRIVATE+KEY+name+id+base64');
  }
  const bytes = fromBase64(encoded, 'the signer key');
  if (bytes[0] !== NOTE_SIGNATURE || bytes.length !== 1 + SECRET_BYTES) {
    throw invalid('not an Ed25519 secret');
  }
  const secret = bytes.slice(1);
  const key = noteKeyOfSecret(name, NOTE_SIGNATURE, secret);
  if (idText(key.id) !== id) throw invalid('the id is not that of the key');
  return { key, secret };
}

const idText = (id: number): string => id.toString(16).padStart(8, '0');

function invalid(reason: string): OpalineError {
  return new OpalineError('BYTES_INVALID', { what: 'the signer key', reason });
}
