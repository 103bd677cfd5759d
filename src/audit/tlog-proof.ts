import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { utf8 } from '../bytes/codec.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { openCheckpoint, type SignedCheckpoint } from './checkpoint.ts';
import { leafHash } from './merkle.ts';
import type { NoteKey } from '../bytes/note-key.ts';
import { verifyInclusion } from './verify-proof.ts';

/** That an entry is in a log, to be verified offline (C2SP tlog-proof). */
export interface LogProof {
  readonly index: number;
  /** From the leaf's sibling to the root's child. */
  readonly hashes: readonly Uint8Array[];
  /** The signed note of the checkpoint. */
  readonly checkpoint: string;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const MOST_BYTES = 1 << 19;
const WHAT = 'the proof';
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function formatProof({ index, hashes, checkpoint }: LogProof): string {
  return `${[HEADER, `index ${index}`, ...hashes.map(toBase64)].join('\n')}\n\n${checkpoint}`;
}

/** Whether bytes begin as a proof does. */
export function isProof(bytes: Uint8Array): boolean {
  return startsWith(bytes, utf8(`${HEADER}\n`));
}

/** Reads a proof and verifies nothing. Extra data, which nobody signed, is dropped. @throws BYTES_INVALID */
export function parseProof(bytes: Uint8Array): LogProof {
  if (bytes.length > MOST_BYTES) throw invalid('longer than a proof may be');
  const text = decode(bytes);
  const end = text.indexOf('\n\n');
  if (end === -1) throw invalid('no checkpoint');
  const [header, ...lines] = text.slice(0, end).split('\n');
  if (header !== HEADER) throw invalid('an unknown header');
  if (lines[0]?.startsWith('extra ') === true) fromBase64(lines.shift()!.slice(6), WHAT);
  const [, digits] = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '') ?? [];
  const index = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(index)) throw invalid('no index');
  return {
    index,
    hashes: lines.map((line) => fromBase64(line, WHAT)),
    checkpoint: text.slice(end + 2),
  };
}

/**
 * The checkpoint by which a proof shows that `entry` is in the log of `key`, at the proof's index.
 * @throws BYTES_INVALID when it does not
 */
export function verifyProof(proof: LogProof, entry: Uint8Array, key: NoteKey): SignedCheckpoint {
  const checkpoint = openCheckpoint(utf8(proof.checkpoint), key, 'the proof’s checkpoint');
  const { size, root } = checkpoint;
  if (!verifyInclusion(proof.index, size, leafHash(entry), proof.hashes, root)) {
    throw invalid(`it does not show that the entry is number ${proof.index} of the log`);
  }
  return checkpoint;
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function decode(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes);
  } catch {
    throw invalid('not UTF-8');
  }
}

function invalid(reason: string): OpalineError {
  return new OpalineError('BYTES_INVALID', { what: WHAT, reason });
}
