import { wordBytes, wordsOf } from '../../bytes/codec.ts';
import { wipe } from '../../bytes/compare.ts';
import { randomBytes } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { countRuns, cutRuns, runStart, type CutLists } from '../build-runs.ts';
import type { Postings } from '../postings.ts';
import type { BuiltRung } from '../rung.ts';
import { isEmpty, placeCells, type Placement } from './build/cuckoo.ts';
import { runRoom, writeCell } from './cell.ts';
import {
  allocatePart,
  cellBytes,
  MAX_BASE,
  MAX_ROWS,
  placesOf,
  SEED_BYTES,
  STASH_CELLS,
  type PaddedShape,
} from './format.ts';
import { chooseShape, PAYLOADS } from './shape.ts';
import { encodeState, SALT_BYTES } from './state.ts';
import { paddedKeys, type PaddedKeys } from './token/keys.ts';

/** More fail with a probability that nobody will see. */
const MOST_ATTEMPTS = 16;

export interface PaddedOptions {
  /**
   * 0, the default: every reply is as long as the longest list's. A base of 2 to 16: as long as the next power of it,
   * which the store learns.
   */
  readonly base?: number;
}

/**
 * Build the volume-hiding index of one column of one segment under a key of 32 bytes, this build's alone.
 * @throws INTERNAL when the postings are not as `Postings` says
 */
export function buildPadded(
  key: Uint8Array,
  postings: Postings,
  { base = 0 }: PaddedOptions = {},
): BuiltRung {
  const { rows, keywords } = postings;
  if (key.length !== 32) invalid('the key is not 32 bytes');
  if (!(rows >= 1 && rows <= MAX_ROWS)) invalid('row count out of range');
  if (base !== 0 && !(base >= 2 && base <= MAX_BASE)) invalid('no such base');
  const counts = countRuns(postings, PAYLOADS.map(runRoom));
  const sizes = counts.map((count, p) => ({ ...count, payload: PAYLOADS[p]! }));
  const shape = chooseShape(rows, base, sizes);
  if (shape === undefined) invalid('a list is too long for every size of cells');
  const cut = cutRuns(postings, runRoom(shape.payload));
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const salt = randomBytes(SALT_BYTES);
    const keys = paddedKeys(key, salt);
    const seeds = seedsOf(keys, keywords);
    const placement = shape.tables === 1 ? inOrder(cut, shape) : place(cut, seeds, shape);
    // A fresh salt draws other places: what was tried is never published.
    if (placement !== undefined) {
      const part = sealCells(keys, shape, placement, postings, cut, seeds);
      const stash = placement.stash.map((cell) => plaintextOf(cell, shape, postings, cut, seeds));
      keys.destroy();
      return { part, state: encodeState({ shape, salt, stash }) };
    }
    keys.destroy();
  }
  return invalid('no placement found');
}

/** Words of seed i begin at 8i. */
function seedsOf(keys: PaddedKeys, keywords: readonly Uint8Array[]): Uint32Array {
  const bytes = new Uint8Array(SEED_BYTES * keywords.length);
  keywords.forEach((keyword, i) => {
    keys.seed(keyword, bytes.subarray(SEED_BYTES * i, SEED_BYTES * (i + 1)));
  });
  return wordsOf(bytes);
}

const seedOf = (seeds: Uint32Array, i: number): Uint32Array => seeds.subarray(8 * i, 8 * i + 8);

/** Without tables, cells lie in the order of a list's: every lookup reads them all. */
function inOrder({ ends }: CutLists, { side }: PaddedShape): Placement {
  const at = Uint32Array.from({ length: side }, (_, i) => (i < ends.length ? i : 0xffffffff));
  return { at, stash: [] };
}

function place(cut: CutLists, seeds: Uint32Array, { side }: PaddedShape): Placement | undefined {
  const places = new Uint32Array(2 * cut.ends.length);
  for (let i = 0; i + 1 < cut.firsts.length; i++) {
    const [first, next] = [cut.firsts[i]!, cut.firsts[i + 1]!];
    const seed = wordBytes(seedOf(seeds, i));
    places.set(placesOf(seed, { from: 0, to: next - first }, side), 2 * first);
  }
  return placeCells(places, side, STASH_CELLS);
}

function sealCells(
  keys: PaddedKeys,
  shape: PaddedShape,
  { at }: Placement,
  postings: Postings,
  cut: CutLists,
  seeds: Uint32Array,
): Uint8Array {
  const { part, cells } = allocatePart(shape);
  const words = new Uint32Array(shape.payload / 4);
  const size = cellBytes(shape);
  for (let p = 0; p < at.length; p++) {
    words.fill(0);
    if (!isEmpty(at[p]!)) writeContent(at[p]!, postings, cut, seeds, words);
    keys.seal(cells, p * size, p, wordBytes(words));
  }
  wipe(wordBytes(words));
  return part;
}

function plaintextOf(
  cell: number,
  { payload }: PaddedShape,
  postings: Postings,
  cut: CutLists,
  seeds: Uint32Array,
): Uint32Array {
  const words = new Uint32Array(payload / 4);
  writeContent(cell, postings, cut, seeds, words);
  return words;
}

function writeContent(
  cell: number,
  postings: Postings,
  cut: CutLists,
  seeds: Uint32Array,
  words: Uint32Array,
): void {
  const i = cut.owners[cell]!;
  const content = {
    seed: seedOf(seeds, i),
    cells: cut.firsts[i + 1]! - cut.firsts[i]!,
    list: postings.members,
    from: runStart(postings, cut, cell),
    to: cut.ends[cell]!,
    parameter: cut.parameters[i]!,
  };
  writeCell(content, words);
}

function invalid(reason: string): never {
  throw new OpalineError('INTERNAL', { reason: `padded index: ${reason}` });
}
