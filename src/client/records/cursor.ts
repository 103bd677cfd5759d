import { openBytes, sealBytes } from '../../bytes/aead.ts';
import { fromBase64Url, toBase64Url } from '../../bytes/base64url.ts';
import { Reader, utf8, Writer } from '../../bytes/codec.ts';
import { hmacSha256 } from '../../bytes/hash.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { type Place, TAG_BYTES } from '../../gate/pages.ts';
import type { Predicate } from '../../plan/physical.ts';

const VERSION = 1;
const WHAT = 'a cursor';
const PLACE = utf8('opaline cursor');
/** Longer than any cursor's text. */
const MOST_TEXT = 256;

/** Seals places in one table's answer to one query, as texts that callers pass around and cannot read. */
export interface Cursors {
  seal(place: Place): string;
  /** @throws CURSOR_INVALID for a text that this table and query did not give */
  open(cursor: string): Place;
  /** For values that only this query uses. */
  readonly tagKey: Uint8Array;
}

/**
 * @param key the vault's own, of cursors
 * @param table its id
 */
export function cursorsOf(key: Uint8Array, table: string, filter: Predicate): Cursors {
  const query = new Writer().raw(fromHex(table, 'a table id')).text(textOf(filter)).finish();
  const derive = (use: number): Uint8Array =>
    hmacSha256(key, new Writer().u8(use).raw(query).finish());
  const seal = derive(1);
  return {
    tagKey: derive(2),
    seal: (place) => toBase64Url(sealBytes(seal, encode(place), PLACE)),
    open: (cursor) => {
      if (typeof cursor !== 'string' || cursor.length > MOST_TEXT) throw invalid();
      const bytes = fromBase64Url(cursor);
      if (bytes === undefined) throw invalid();
      try {
        return decode(openBytes(seal, bytes, PLACE, WHAT));
      } catch (error) {
        if (isOpalineError(error, 'BYTES_INVALID')) throw invalid();
        throw error;
      }
    },
  };
}

function invalid(): OpalineError {
  return new OpalineError('CURSOR_INVALID', {
    reason: 'it was altered, or is of another table or other conditions',
  });
}

function encode({ epoch, segment, passed, floor }: Place): Uint8Array {
  const writer = new Writer().u8(VERSION).u64(epoch).raw(passed);
  writer.u8(segment === undefined ? 0 : 1);
  if (segment !== undefined) writer.raw(fromHex(segment.id, 'a segment id')).u32(segment.row);
  writer.u8(floor === undefined ? 0 : 1);
  if (floor !== undefined) writer.raw(floor.tag).u32(floor.count);
  return writer.finish();
}

function decode(bytes: Uint8Array): Place {
  const reader = new Reader(bytes, WHAT);
  if (reader.u8() !== VERSION) reader.fail('it is of another version');
  const epoch = reader.u64();
  const passed = reader.raw(TAG_BYTES).slice();
  const segment = reader.u8() === 0 ? undefined : { id: toHex(reader.raw(16)), row: reader.u32() };
  const floor =
    reader.u8() === 0 ? undefined : { tag: reader.raw(TAG_BYTES).slice(), count: reader.u32() };
  reader.end();
  return { epoch, segment, passed, floor };
}

/** A text that two conditions share only if they are the same. */
function textOf(filter: Predicate): string {
  return JSON.stringify(filter, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}
