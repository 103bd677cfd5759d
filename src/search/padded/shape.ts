import { padmeLength } from '../../bytes/padding.ts';
import {
  LEAST_PAYLOAD,
  MAX_CELLS,
  MAX_PAYLOAD,
  partBytes,
  cellBytes,
  SLACK,
  type PaddedShape,
} from './format.ts';

/** Cell sizes to choose from, in bytes of plaintext: 16, 24, 32, 48, … 2048. */
export const PAYLOADS: readonly number[] = payloads();

/** How much more room than the smallest index takes may buy shorter replies. */
const MORE_ROOM = 1.25;
/** Below it a query of powers reads everything anyway. */
const FEWEST_CELLS = 3;

/** How many cells of a size lists take. */
export interface CellCounts {
  readonly payload: number;
  /** Of all lists. */
  readonly total: number;
  /** Of the longest. */
  readonly longest: number;
}

/**
 * The cell size for lists, given what they take at each: the one of the shortest replies among those at which the
 * index takes at most a quarter more room than at the best. Small cells waste room on their names and tags, large
 * ones on what short lists leave empty; a long list comes in large cells with less beside it.
 *
 * Undefined where no size serves, which lists of one segment never meet.
 */
export function chooseShape(
  rows: number,
  base: number,
  counts: readonly CellCounts[],
): PaddedShape | undefined {
  const shapes = counts
    .filter(({ longest }) => longest <= MAX_CELLS)
    .map((count) => shapeFor(rows, base, count));
  const smallest = Math.min(...shapes.map(partBytes));
  const order = (a: PaddedShape, b: PaddedShape): number =>
    replyBytes(a) - replyBytes(b) || partBytes(a) - partBytes(b);
  return shapes.filter((shape) => partBytes(shape) <= MORE_ROOM * smallest).toSorted(order)[0];
}

/** Bytes of the replies to a lookup of the longest list. */
export function replyBytes(shape: PaddedShape): number {
  const cells = shape.tables === 1 ? shape.side : 2 * shape.longest;
  return cells * cellBytes(shape);
}

/** Numbers of cells are padded, so that the part's size does not tell them exactly. */
function shapeFor(
  rows: number,
  base: number,
  { payload, total, longest }: CellCounts,
): PaddedShape {
  const cells = Math.max(1, total);
  const most = Math.max(1, longest);
  const whole = base === 0 ? cells <= 2 * most : cells < FEWEST_CELLS;
  if (whole) return { rows, tables: 1, base: 0, payload, longest: most, side: padded(cells) };
  const side = padded(Math.ceil((1 + SLACK) * cells));
  return { rows, tables: 2, base, payload, longest: most, side };
}

function padded(cells: number): number {
  return padmeLength(cells);
}

function payloads(): number[] {
  const sizes: number[] = [];
  for (let size = LEAST_PAYLOAD; size <= MAX_PAYLOAD; size *= 2) sizes.push(size, size * 1.5);
  return sizes.filter((size) => size <= MAX_PAYLOAD);
}
