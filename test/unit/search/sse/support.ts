import { expect } from 'vitest';
import { wordBytes } from '../../../../src/bytes/codec.ts';
import { compareBytes } from '../../../../src/bytes/compare.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { isOpalineError } from '../../../../src/errors/opaline-error.ts';
import { buildIndex, type BuiltIndex, type IndexColumn } from '../../../../src/search/sse/build.ts';
import { lookupPosting, lookupSealed } from '../../../../src/search/sse/eval.ts';
import { parseIndex, type ParsedIndex } from '../../../../src/search/sse/format.ts';
import {
  edgeLabel,
  filterEdge,
  nodeTokens,
  openEdge,
  rangeCover,
  type RangeCover,
  type RangeLimit,
} from '../../../../src/search/sse/token.ts';
import { canonicalBytes } from '../../../../src/table/canonical.ts';
import { RowSet } from '../../../../src/table/row-set.ts';

export type Cell = number | string | null;

export function canonical(cell: number | string): Uint8Array {
  return canonicalBytes(cell, typeof cell === 'number' ? 'integer' : 'text');
}

/** Dictionary-encode cells, which are all numbers or all text apart from NULLs. */
export function columnOf(
  id: number,
  cells: readonly Cell[],
  kinds: { equality?: boolean; range?: boolean } = {},
): IndexColumn {
  const distinct = [...new Set(cells)].filter((cell) => cell !== null);
  const pairs = distinct.map((cell) => ({ cell, bytes: canonical(cell) }));
  pairs.sort((a, b) => compareBytes(a.bytes, b.bytes));
  const codes = new Map<Cell, number>(pairs.map(({ cell }, i) => [cell, i]));
  return {
    id,
    values: pairs.map(({ bytes }) => bytes),
    codes: Int32Array.from(cells, (cell) => codes.get(cell) ?? -1),
    equality: kinds.equality ?? true,
    range: kinds.range ?? true,
  };
}

export interface Built extends BuiltIndex {
  readonly key: Uint8Array;
  readonly rows: number;
  readonly index: ParsedIndex;
}

export function build(columns: readonly IndexColumn[], key: Uint8Array = randomBytes(32)): Built {
  const rows = columns[0]!.codes.length;
  const built = buildIndex(key, rows, columns);
  return { ...built, key, rows, index: parseIndex(built.part) };
}

export interface Limits {
  readonly low?: RangeLimit;
  readonly high?: RangeLimit;
}

/** A range as a client asks it and a store answers it; `position` is the column's in the build. */
export function answerRange(
  { key, index, boundaries, rows }: Built,
  id: number,
  position: number,
  { low, high }: Limits,
): { rows: Uint32Array; cover: RangeCover } {
  const cover = rangeCover(boundaries[position]!, low, high);
  let found = new RowSet(rows);
  for (const token of nodeTokens(key, id, cover.nodes)) {
    const part = lookupPosting(index, token);
    if (part.and(found).count > 0) throw new Error('two nodes of a cover overlap');
    found = found.or(part);
  }
  for (const block of cover.edges) {
    const sealed = lookupSealed(index, edgeLabel(key, id, block));
    const kept = filterEdge(openEdge(key, id, block, sealed!), low, high);
    found = found.or(RowSet.of(rows, kept));
  }
  return { rows: found.toArray(), cover };
}

export function rowsWhere(cells: readonly Cell[], keep: (cell: Cell) => boolean): Uint32Array {
  return Uint32Array.from(cells.flatMap((cell, row) => (keep(cell) ? [row] : [])));
}

/** `toEqual` for long lists: it takes milliseconds where these take microseconds. */
export function expectRows(found: Uint32Array, expected: Uint32Array): void {
  if (Buffer.compare(wordBytes(found), wordBytes(expected)) !== 0) expect(found).toEqual(expected);
}

/** The code of the OpalineError that `run` throws; anything else thrown fails the test. */
export function refusal(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (isOpalineError(error)) return error.code;
    throw error;
  }
  return undefined;
}

/** Reproducible numbers below 2^32 (mulberry32), where fast-check would be slow. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}
