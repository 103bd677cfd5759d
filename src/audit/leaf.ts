import { Reader, utf8, Writer } from '../bytes/codec.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/**
 * An entry of the log as everybody may see it: when what kind of thing happened, and commitments to its details. The
 * details themselves are sealed elsewhere (detail.ts), so that they can be forgotten and the log still verifies.
 */
export interface Leaf {
  /** Lower-case words, for example "release.intent". */
  readonly kind: string;
  /** Milliseconds since 1970, by the clock of whoever logged it. */
  readonly time: number;
  readonly details: readonly LeafDetail[];
}

export interface LeafDetail {
  /** HMAC-SHA-256 of the content under a random salt, which is sealed with the content. */
  readonly commitment: Uint8Array;
  /** SHA-256 of the sealed record: whoever has no key still sees that it was altered. */
  readonly digest: Uint8Array;
}

const VERSION = 1;
const KIND = /^[a-z][a-z0-9.-]{0,63}$/;
const HASH = 32;
/** What the 65,535 bytes of an entry have room for, roundly. */
export const MOST_DETAILS = 1000;

/** @throws USAGE for a kind, time or number of details that a leaf does not have */
export function encodeLeaf({ kind, time, details }: Leaf): Uint8Array {
  checkLeaf(kind, time, details.length);
  const writer = new Writer(32 + kind.length + 2 * HASH * details.length);
  writer.u8(VERSION).u8(kind.length).raw(utf8(kind)).u64(time).u16(details.length);
  for (const { commitment, digest } of details) writer.raw(commitment).raw(digest);
  return writer.finish();
}

/** @throws USAGE */
export function checkLeaf(kind: string, time: number, details: number): void {
  const reason = !KIND.test(kind)
    ? 'the kind of a log entry is of lower-case letters, digits, dots and hyphens'
    : !Number.isSafeInteger(time) || time < 0
      ? 'the time of a log entry is in whole milliseconds since 1970'
      : details > MOST_DETAILS
        ? `a log entry has at most ${MOST_DETAILS} details`
        : undefined;
  if (reason !== undefined) throw new OpalineError('USAGE', { reason });
}

/** @throws BYTES_INVALID naming `what`, VERSION_UNSUPPORTED */
export function decodeLeaf(bytes: Uint8Array, what: string): Leaf {
  const reader = new Reader(bytes, what);
  const version = reader.u8();
  if (version !== VERSION) {
    throw new OpalineError('VERSION_UNSUPPORTED', { what, version, supported: `${VERSION}` });
  }
  const kind = String.fromCharCode(...reader.raw(reader.u8()));
  if (!KIND.test(kind)) reader.fail('not a kind of entry');
  const time = reader.u64();
  const count = reader.u16();
  if (count > MOST_DETAILS) reader.fail('too many details');
  const details = Array.from({ length: count }, () => ({
    commitment: reader.raw(HASH).slice(),
    digest: reader.raw(HASH).slice(),
  }));
  reader.end();
  return { kind, time, details };
}
