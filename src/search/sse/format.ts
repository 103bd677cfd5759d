import { type Reader, wordsOf, type Writer } from '../../bytes/codec.ts';
import { frame, FRAME_BYTES, unframe } from '../../bytes/framing.ts';
import { padmeLength } from '../../bytes/padding.ts';
import { findRecord, isSorted, regionOf, type Region } from './region.ts';

/**
 * The encrypted index of one segment, as it lies at the store.
 *
 * Packed structured encryption, response-revealing: Π_bas and Π_pack of Cash, Jaeger, Jarecki,
 * Jutla, Krawczyk, Roşu, Steiner, "Dynamic Searchable Encryption in Very-Large Databases: Data
 * Structures and Implementation", NDSS 2014; the mix of record sizes plays the part of
 * their Π_2lev. Every record is a 16-byte label and an encrypted payload; both are pieces of the
 * keystream of a key that belongs to one keyword (keystream.ts), so without that key a record is
 * random bytes of one of two sizes, and records are ordered by those random labels alone.
 *
 * ```
 * frame "SSEX" (16) | rows u32 | small u32 | large u32 | classes u32
 * per class of sealed records: record bytes u32, count u32
 * zeros to a multiple of 16
 * small records, large records, sealed records class by class; each run ascending by label
 * ```
 *
 * Sealed are the edge blocks of ranges (token/edge.ts) and, of a segment that can be verified, the MACs of its lists
 * (proof.ts).
 */
export const WHAT = 'sse index';

/** Most rows of a segment: the unit of parallel work. */
export const MAX_ROWS: number = 2 ** 18;
/** A token is the key of one keyword of one segment. */
export const TOKEN_BYTES = 32;
export { LABEL_BYTES } from './region.ts';
export const SMALL_RECORD = 48;
export const LARGE_RECORD = 256;
/** Sealed records are multiples of this, so that every run stays aligned. */
export const ALIGN = 16;
const MAX_CLASSES = 4096;

export interface SealedClass {
  /** Bytes of a record, its label included. */
  readonly stride: number;
  readonly count: number;
}

export interface IndexShape {
  readonly rows: number;
  readonly small: number;
  readonly large: number;
  /** Strictly ascending by stride. */
  readonly sealed: readonly SealedClass[];
}

/** An index over the part's own bytes: nothing is copied or decoded. */
export interface ParsedIndex {
  readonly rows: number;
  readonly small: Region;
  readonly large: Region;
  readonly sealed: readonly Region[];
}

/** Bytes of the whole part: a function of the shape alone. */
export function indexBytes(shape: IndexShape): number {
  return (
    headerBytes(shape.sealed.length) +
    shape.small * SMALL_RECORD +
    shape.large * LARGE_RECORD +
    shape.sealed.reduce((sum, { stride, count }) => sum + stride * count, 0)
  );
}

function headerBytes(classes: number): number {
  return Math.ceil((FRAME_BYTES + 16 + 8 * classes) / ALIGN) * ALIGN;
}

/** A part of that shape with its header written and every record still zero. */
export function allocateIndex(shape: IndexShape): { part: Uint8Array; index: ParsedIndex } {
  const header: Writer = frame('SSEX')
    .u32(shape.rows)
    .u32(shape.small)
    .u32(shape.large)
    .u32(shape.sealed.length);
  for (const { stride, count } of shape.sealed) header.u32(stride).u32(count);
  const part = new Uint8Array(indexBytes(shape));
  part.set(header.finish());
  let at = headerBytes(shape.sealed.length);
  const take = (stride: number, count: number): Region => {
    const bytes = part.subarray(at, at + stride * count);
    at += bytes.length;
    return regionOf(bytes, stride);
  };
  const index = {
    rows: shape.rows,
    small: take(SMALL_RECORD, shape.small),
    large: take(LARGE_RECORD, shape.large),
    sealed: shape.sealed.map(({ stride, count }) => take(stride, count)),
  };
  return { part, index };
}

/**
 * Validate a part from outside: frame, sizes that add up exactly, labels strictly ascending.
 * Linear in the number of records; allocates nothing that grows with the counts.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parseIndex(part: Uint8Array): ParsedIndex {
  const reader: Reader = unframe(part, 'SSEX', WHAT);
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const small = reader.u32();
  const large = reader.u32();
  const classes = reader.count(8, MAX_CLASSES);
  const shapes: SealedClass[] = [];
  for (let i = 0; i < classes; i++) {
    const stride = reader.u32();
    const previous = shapes.at(-1)?.stride ?? 0;
    if (stride <= previous || stride % ALIGN !== 0)
      reader.fail('sealed record sizes not ascending');
    shapes.push({ stride, count: reader.u32() });
  }
  const padding = headerBytes(classes) - reader.offset;
  if (reader.raw(padding).some((byte) => byte !== 0)) reader.fail('header padding is not zero');
  const take = (stride: number, count: number): Region => {
    const region = regionOf(reader.raw(stride * count), stride);
    if (!isSorted(region)) reader.fail('labels are not in order');
    return region;
  };
  const index = {
    rows,
    small: take(SMALL_RECORD, small),
    large: take(LARGE_RECORD, large),
    sealed: shapes.map(({ stride, count }) => take(stride, count)),
  };
  reader.end();
  return index;
}

/** The record at a label, of a list or sealed, without the label; a view. */
export function recordAt(index: ParsedIndex, label: Uint8Array): Uint8Array | undefined {
  const words = wordsOf(label);
  for (const region of [...index.sealed, index.small, index.large]) {
    const at = findRecord(region, words, 0);
    if (at >= 0) return region.bytes.subarray(at + label.length, at + region.stride);
  }
  return undefined;
}

/** A count or size rounded up in steps of `step`, by Padmé, so that its low bits do not show. */
export function padSize(size: number, step: number): number {
  const units = Math.ceil(size / step);
  return step * (units < 2 ? units : padmeLength(units));
}
