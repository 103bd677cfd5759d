import { OpalineError } from '../errors/opaline-error.ts';

/** An entry's length is written as 16 bits (C2SP tlog-tiles, "Log entries"). */
export const MOST_ENTRY_BYTES = 0xffff;

/** Entries, each after its length as big-endian u16. @throws REQUEST_TOO_LARGE */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + 2 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MOST_ENTRY_BYTES) {
      const size = entry.length;
      throw new OpalineError('REQUEST_TOO_LARGE', {
        what: 'a log entry, in bytes,',
        size,
        limit: MOST_ENTRY_BYTES,
      });
    }
    view.setUint16(at, entry.length);
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** The `width` entries of a bundle. @throws BYTES_INVALID naming `what` unless that is all there is */
export function decodeBundle(bytes: Uint8Array, width: number, what: string): Uint8Array[] {
  const fail = (reason: string): never => {
    throw new OpalineError('BYTES_INVALID', { what, reason });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    const end = at + 2 <= bytes.length ? at + 2 + view.getUint16(at) : Infinity;
    if (end > bytes.length) fail(`truncated in its entry ${entries.length}`);
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  if (at !== bytes.length) fail(`more than ${width} entries`);
  return entries;
}
