import type { Reader } from '../../bytes/codec.ts';
import { frame, FRAME_BYTES, unframe } from '../../bytes/framing.ts';
import { keystream } from '../sse/keystream.ts';

/**
 * The volume-hiding index of one column of one segment, as it lies at the store: dprfMM of Patel, Persiano, Yeo,
 * Yung, "Mitigating Leakage in Secure Cloud-Hosted Data Structures: Volume-Hiding for Multi-Maps via Hashing",
 * CCS 2019, section 5.
 *
 * A keyword's list is cut into cells of one size, each of as many rows as fit. Cell i of a keyword lies at one of
 * two places, one in each of two tables, that a pseudorandom function of the keyword and i chooses (cuckoo hashing:
 * Pagh–Rodler 2004; with a stash: Kirsch–Mitzenmacher–Wieder 2009, which the vault keeps). A lookup reads both
 * places of cells 0 to ℓ − 1, ℓ being the cells of the longest list, whatever the keyword, there or not. So the
 * store sees places that are random and as many for every keyword: it learns which lookups were of the same
 * keyword, and no more. Nothing is padded at rest, for the places of cells that a list does not have hold others'.
 *
 * Where the longest list is half of all cells or more, reading all of them is cheaper, needs no second table, and
 * hides repetition as well; then they lie in one run and a query is empty.
 *
 * Reply sizes can be made smaller, and let the store learn in return how long a list is to the nearest power of
 * `base`, as ADJ-padding of Demertzis, Papadopoulos, Papamanthou, Shintre, "SEAL: Attack Mitigation for Encrypted
 * Databases via Adjustable Leakage", USENIX Security 2020: the first cell says how many there are, and a second
 * query reads those up to the next power.
 *
 * ```
 * frame "SSPD" (16) | rows u32 | tables u8 (1 or 2) | base u8 (0: every reply is as long) | 0 u16 |
 * payload u32 | longest u32 | side u32, cells of a table
 * per table: `side` cells of payload + 16 bytes, each sealed for its place
 * ```
 */
export const WHAT = 'padded index';

export const MAX_ROWS: number = 2 ** 18;
/** AES-GCM's tag. The nonce is the place, which is not stored. */
export const TAG_BYTES = 16;
/** Of a delegated key. */
export const SEED_BYTES = 32;
/** Cells that the vault keeps. Overflow has a probability of about 1 in cells^17. */
export const STASH_CELLS = 16;
/** The tables have 2(1 + SLACK) times as many cells as are filled. */
export const SLACK = 0.1;
export const MAX_BASE = 16;
export const MAX_PAYLOAD = 2048;
export const LEAST_PAYLOAD = 16;
/** Cells of one list: its length is 16 bits of each. */
export const MAX_CELLS: number = 2 ** 16 - 1;

/** The base that a schema's "pad" means. */
export function baseOf(pad: 'max' | 'power'): number {
  return pad === 'max' ? 0 : 2;
}

const HEADER_BYTES: number = FRAME_BYTES + 20;

export interface PaddedShape {
  readonly rows: number;
  /** 1: a lookup reads every cell. 2: cuckoo hashing. */
  readonly tables: 1 | 2;
  /** Replies are of powers of this many cells; 0: of `longest`. */
  readonly base: number;
  /** Bytes of a cell's plaintext, a multiple of 8. */
  readonly payload: number;
  /** Cells of the longest list. */
  readonly longest: number;
  /** Cells of each table. */
  readonly side: number;
}

export const cellBytes = ({ payload }: Pick<PaddedShape, 'payload'>): number => payload + TAG_BYTES;

/** Bytes of a part: a function of its shape alone. */
export function partBytes(shape: PaddedShape): number {
  return HEADER_BYTES + shape.tables * shape.side * cellBytes(shape);
}

/** A part with its header written, and its cells, still zero: a view. */
export function allocatePart(shape: PaddedShape): { part: Uint8Array; cells: Uint8Array } {
  const header = frame('SSPD')
    .u32(shape.rows)
    .u8(shape.tables)
    .u8(shape.base)
    .u16(0)
    .u32(shape.payload)
    .u32(shape.longest)
    .u32(shape.side);
  const part = new Uint8Array(partBytes(shape));
  part.set(header.finish());
  return { part, cells: part.subarray(HEADER_BYTES) };
}

/**
 * Validate a part from outside; constant time, the cells are views.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parsePart(part: Uint8Array): { shape: PaddedShape; cells: Uint8Array } {
  const reader: Reader = unframe(part, 'SSPD', WHAT);
  const rows = reader.u32();
  const tables = reader.u8();
  const base = reader.u8();
  if (reader.u16() !== 0) reader.fail('reserved bytes are not zero');
  const shape = {
    rows,
    tables,
    base,
    payload: reader.u32(),
    longest: reader.u32(),
    side: reader.u32(),
  };
  if (!isShape(shape)) reader.fail('sizes that no index has');
  const cells = reader.raw(partBytes(shape) - HEADER_BYTES);
  reader.end();
  return { shape, cells };
}

/** True for sizes that an index can have: no reply is longer than the index. */
export function isShape(shape: Record<keyof PaddedShape, number>): shape is PaddedShape {
  const { rows, tables, base, payload, longest, side } = shape;
  return (
    rows >= 1 &&
    rows <= MAX_ROWS &&
    (tables === 1 || tables === 2) &&
    (base === 0 || (tables === 2 && base >= 2 && base <= MAX_BASE)) &&
    payload >= LEAST_PAYLOAD &&
    payload <= MAX_PAYLOAD &&
    payload % 8 === 0 &&
    longest >= 1 &&
    longest <= MAX_CELLS &&
    side >= longest
  );
}

/** Bytes of a query. Of a lookup of powers its last byte is the power: see `spanOf`. */
export function queryBytes({ tables, base }: PaddedShape): number {
  if (tables === 1) return 0;
  return base === 0 ? SEED_BYTES : SEED_BYTES + 1;
}

/** Which cells of a list a query reads: from ≤ i < to. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Level 0 reads the first cell, level j ≥ 1 the others up to base^j. Undefined for a level that there is not. */
export function spanOf({ base, longest }: PaddedShape, level: number): Span | undefined {
  if (base === 0) return level === 0 ? { from: 0, to: longest } : undefined;
  if (level === 0) return { from: 0, to: 1 };
  return base ** (level - 1) >= longest
    ? undefined
    : { from: 1, to: Math.min(longest, base ** level) };
}

/** The level at which all of a list's cells have been read; 0: the first query reads them. */
export function levelOf({ base }: PaddedShape, cells: number): number {
  if (base === 0) return 0;
  let level = 0;
  for (let reach = 1; reach < cells; reach *= base) level++;
  return level;
}

/**
 * The places of a list's cells, two for each, the first in the first table: place p of the second is side + p.
 *
 * The seed is HMAC's output for the keyword and the places are pieces of its keystream, so both steps together are
 * a pseudorandom function of keyword and i that can be delegated for all i of a keyword, the delegated key being the
 * seed: a tree as Goldreich, Goldwasser and Micali's with two levels (Kiayias, Papadopoulos, Triandopoulos,
 * Zacharias, CCS 2013). It reaches past ℓ, where no cell ever lies. That ⌊word · side / 2^32⌋ is not quite
 * uniform shows nothing, for places depend on the seed alone, not on what lies there.
 */
export function placesOf(seed: Uint8Array, { from, to }: Span, side: number): Uint32Array {
  const words = keystream(seed, 2 * to);
  const places = new Uint32Array(2 * (to - from));
  for (let i = 0; i < places.length; i++) {
    places[i] = (i & 1) * side + Math.floor((words[2 * from + i]! * side) / 2 ** 32);
  }
  return places;
}
