import { fromBase64, toBase64 } from './base64.ts';
import { utf8 } from './codec.ts';
import { sign, verify } from './signature.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { isKeyName, NOTE_SIGNATURE, noteKeyOfSecret, type NoteKey } from './note-key.ts';

/** A signed note (C2SP signed-note): a text and signatures that nobody has verified yet. */
export interface Note {
  /** With its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  /** What follows the key id. */
  readonly bytes: Uint8Array;
}

/** A verifier must take 16 signatures; ML-DSA's have 2.4 KB. */
const MOST_SIGNATURES = 100;
/** Longer notes are refused. */
export const MOST_NOTE_BYTES: number = 1 << 18;
const LINE = /^— (\S+) (\S+)$/u;
const KEY_ID_BYTES = 4;
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws BYTES_INVALID naming `what` */
export function parseNote(bytes: Uint8Array, what: string): Note {
  const fail = (reason: string): never => {
    throw new OpalineError('BYTES_INVALID', { what, reason });
  };
  if (bytes.length > MOST_NOTE_BYTES) fail('longer than a note may be');
  const whole = decode(bytes) ?? fail('not UTF-8');
  if (hasControl(whole)) fail('a control character');
  const end = whole.lastIndexOf('\n\n');
  if (end === -1 || !whole.endsWith('\n')) fail('a text, an empty line and signatures are wanted');
  const lines = whole.slice(end + 2, -1).split('\n');
  if (whole.length === end + 2) fail('no signature');
  if (lines.length > MOST_SIGNATURES) fail('too many signatures');
  const signatures = lines.map((line): NoteSignature => {
    const [, name, encoded] = LINE.exec(line) ?? fail('a line that is no signature');
    if (!isKeyName(name!)) fail('a name that no key has');
    const signature = fromBase64(encoded!, what);
    if (signature.length <= KEY_ID_BYTES) fail('a signature without content');
    const keyId = new DataView(signature.buffer).getUint32(0);
    return { name: name!, keyId, bytes: signature.slice(KEY_ID_BYTES) };
  });
  return { text: whole.slice(0, end + 1), signatures };
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(signatureLine).join('')}`;
}

function signatureLine({ name, keyId, bytes }: NoteSignature): string {
  const id = new Uint8Array(KEY_ID_BYTES);
  new DataView(id.buffer).setUint32(0, keyId);
  return `— ${name} ${toBase64(Uint8Array.of(...id, ...bytes))}\n`;
}

/** An Ed25519 signature of a text, under the 32-byte secret of the key of that name. */
export function signText(text: string, name: string, secret: Uint8Array): NoteSignature {
  const { id } = noteKeyOfSecret(name, NOTE_SIGNATURE, secret);
  return { name, keyId: id, bytes: sign(secret, utf8(text)) };
}

/** The signatures of a note that say they are the key's, by name and id. */
export function signaturesBy({ signatures }: Note, key: NoteKey): readonly NoteSignature[] {
  return signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id);
}

/**
 * Verifies that a note is signed by a key of type NOTE_SIGNATURE. Signatures of others are ignored, as the
 * specification has it; one that says it is the key's and is not refuses the note.
 * @throws BYTES_INVALID naming `what`
 */
export function requireSignature(note: Note, key: NoteKey, what: string): void {
  const own = signaturesBy(note, key);
  const reason =
    own.length === 0
      ? `no signature by ${key.name}`
      : own.every(({ bytes }) => verify(key.publicKey, utf8(note.text), bytes))
        ? undefined
        : `the signature by ${key.name} is not valid`;
  if (reason !== undefined) throw new OpalineError('BYTES_INVALID', { what, reason });
}

/** A control character below U+0020 other than a newline: what the format excludes, and no more. */
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < 0x20 && text[i] !== '\n') return true;
  }
  return false;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes);
  } catch {
    return undefined;
  }
}
