import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { equalBytes } from '../bytes/compare.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { EMPTY_ROOT, HASH_BYTES } from './merkle.ts';
import type { NoteKey } from '../bytes/note-key.ts';
import { formatNote, type Note, parseNote, requireSignature, signText } from '../bytes/note.ts';

/** What a log says of itself (C2SP tlog-checkpoint): so many entries, with this root. */
export interface Checkpoint {
  /** The log's name. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Lines that mean something to others; ours have none. */
  readonly extensions: readonly string[];
}

/** A checkpoint whose log's signature was verified, with the note that it came in. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note;
}

/** The text that is signed: origin, size and root, a line each. */
export function checkpointText({ origin, size, root, extensions }: Checkpoint): string {
  return `${[origin, String(size), toBase64(root), ...extensions].join('\n')}\n`;
}

/** @throws BYTES_INVALID naming `what` */
export function parseCheckpoint(text: string, what: string): Checkpoint {
  const fail = (reason: string): never => {
    throw new OpalineError('BYTES_INVALID', { what, reason });
  };
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', digits = '', encoded = '', ...extensions] = lines;
  if (!text.endsWith('\n') || lines.length < 3 || lines.includes('')) {
    fail('at least three lines, none empty, are wanted');
  }
  const size = Number(digits);
  if (!/^(0|[1-9][0-9]{0,15})$/.test(digits) || !Number.isSafeInteger(size)) {
    fail('the size is not a number of entries');
  }
  const root = fromBase64(encoded, what);
  if (root.length !== HASH_BYTES) fail('a root has 32 bytes');
  if (size === 0 && !equalBytes(root, EMPTY_ROOT)) fail('not the root of an empty log');
  return { origin, size, root, extensions };
}

/**
 * A checkpoint that the log's key signed, and that names this log: the key's name is the origin.
 * @throws BYTES_INVALID naming `what`
 */
export function openCheckpoint(bytes: Uint8Array, key: NoteKey, what: string): SignedCheckpoint {
  const note = parseNote(bytes, what);
  requireSignature(note, key, what);
  const checkpoint = parseCheckpoint(note.text, what);
  if (checkpoint.origin !== key.name) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'of another log' });
  }
  return { ...checkpoint, note };
}

/** The signed note of a checkpoint, under the log's 32-byte Ed25519 secret. */
export function signCheckpoint(
  head: Pick<Checkpoint, 'origin' | 'size' | 'root'>,
  secret: Uint8Array,
): string {
  const text = checkpointText({ ...head, extensions: [] });
  return formatNote({ text, signatures: [signText(text, head.origin, secret)] });
}
