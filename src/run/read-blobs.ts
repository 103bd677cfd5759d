import { wordsOf } from '../bytes/codec.ts';
import { FRAME_BYTES } from '../bytes/framing.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { Backend } from '../store/backend.ts';
import { parseBlobs } from '../table/blob-part.ts';
import { type ByteRange, readRanges } from './read-ranges.ts';

/** Past this many blobs one read of the whole part is cheaper than a read each. */
const READ_WHOLE_FROM = 256;

/**
 * Blobs of a records or metadata part by number, reading no more of the part than they need.
 * @throws PART_MISSING; PART_CORRUPT when the part's size or offsets do not fit.
 */
export async function readBlobs(
  backend: Backend,
  table: string,
  part: string,
  numbers: Uint32Array,
): Promise<Uint8Array[]> {
  const range = (offset: number, length: number): Promise<Uint8Array> =>
    backend.readRange(table, part, offset, length);
  const size = await backend.size(table, part);
  if (size < TABLE + 4) return corrupt(part, 'it is truncated');
  const count = wordsOf(await range(FRAME_BYTES, 4))[0]!;
  const body = TABLE + 4 * (count + 1);
  if (body > size) return corrupt(part, 'it is truncated');
  const end = wordsOf(await range(body - 4, 4))[0]!;
  if (body + end !== size) return corrupt(part, 'its size does not fit its offsets');
  if (numbers.some((number) => number >= count)) return corrupt(part, 'it has fewer entries');
  if (numbers.length >= READ_WHOLE_FROM) return await fromWhole(backend, table, part, numbers);
  const offsets = Array.from(numbers, (number) => ({ at: TABLE + 4 * number, length: 8 }));
  const bodies = (await readRanges(backend, table, part, offsets)).map((pair): ByteRange => {
    const [from, to] = wordsOf(pair);
    if (from! > to! || to! > end) return corrupt(part, 'its offsets are not valid');
    return { at: body + from!, length: to! - from! };
  });
  return await readRanges(backend, table, part, bodies);
}

/** Where the offsets begin: after the frame and the count. */
const TABLE = FRAME_BYTES + 4;

async function fromWhole(
  backend: Backend,
  table: string,
  part: string,
  numbers: Uint32Array,
): Promise<Uint8Array[]> {
  const bytes = await backend.read(table, part);
  // Letter 4 of the frame is the first of its type: R of RECS, S of SEAL.
  const type = bytes[4] === 0x52 ? 'RECS' : 'SEAL';
  try {
    const blobs = parseBlobs(type, bytes, `part ${part}`);
    return Array.from(numbers, (number) => blobs.blob(number));
  } catch (error) {
    if (error instanceof OpalineError && error.code === 'BYTES_INVALID') {
      return corrupt(part, 'it is not what was stored');
    }
    throw error;
  }
}

function corrupt(part: string, reason: string): never {
  throw new OpalineError('PART_CORRUPT', { part, reason });
}
