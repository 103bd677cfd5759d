import { padmeLength } from '../../../bytes/padding.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import {
  COLUMN_STEP,
  LEAST_HEIGHT,
  MOST_COLUMNS,
  MOST_HEIGHT,
  SECRET_WORDS,
  type Dimensions,
} from './parameters.ts';
import { BUCKET_SEAL, bucketsFor, RECORD_OVERHEAD, recordBytes } from '../records.ts';

/** The shape of a table, which the store sees. */
export interface Layout extends Dimensions {
  /** Parts of the longest list: a lookup fetches two buckets for each, whatever the keyword. */
  readonly parts: number;
}

/** How often a lookup is made for each time that the hint is fetched: what height is chosen by. */
const LOOKUPS_A_HINT = 32;

/** Buckets that a lookup of one keyword fetches. */
export const retrievalsOf = ({ parts }: Pick<Layout, 'parts'>): number => 2 * parts;
/** The public matrix times the table, which the vault fetches once: a row for each byte of a bucket. */
export const hintBytes = ({ height }: Pick<Layout, 'height'>): number => 4 * SECRET_WORDS * height;
/** Of one retrieval. */
export const queryBytes = ({ columns }: Pick<Layout, 'columns'>): number => 4 * columns;
export const answerBytes = ({ height }: Pick<Layout, 'height'>): number => 4 * height;

/** Most bytes of a list that one record carries. */
export const partBytes = (height: number): number => height - BUCKET_SEAL - RECORD_OVERHEAD;

/**
 * How to lay out lists of so many bytes each. A tall bucket holds a long list in fewer parts, and makes fewer
 * columns and shorter queries; the hint grows with it by 4 KB a byte. The height, a power of two, is that at which
 * 32 lookups and the hint together move the fewest bytes. Depends on the number of lists of each length alone.
 *
 * @param lists how many lists are of so many bytes
 * @throws REQUEST_TOO_LARGE where no table within the bounds holds them
 */
export function chooseLayout(lists: ReadonlyMap<number, number>): Layout {
  let best: Layout | undefined;
  let least = Infinity;
  for (let height = LEAST_HEIGHT; height <= MOST_HEIGHT; height *= 2) {
    const layout = layoutAt(height, lists);
    const moved = LOOKUPS_A_HINT * lookupBytes(layout) + hintBytes(layout);
    if (layout.columns > MOST_COLUMNS || moved >= least) continue;
    best = layout;
    least = moved;
  }
  if (best !== undefined) return best;
  const size = recordsIn(MOST_HEIGHT, lists).bytes;
  const limit = MOST_COLUMNS * MOST_HEIGHT;
  throw new OpalineError('REQUEST_TOO_LARGE', { what: 'the pir index of a segment', size, limit });
}

/** Bytes of one lookup, both ways. */
function lookupBytes(layout: Layout): number {
  return retrievalsOf(layout) * (queryBytes(layout) + answerBytes(layout));
}

function layoutAt(height: number, lists: ReadonlyMap<number, number>): Layout {
  const { bytes, records, parts } = recordsIn(height, lists);
  const columns = padColumns(bucketsFor(bytes, records, height - BUCKET_SEAL));
  return { height, parts, columns };
}

/** Rounded up, so that the low bits of the number of records do not show. */
function padColumns(columns: number): number {
  const steps = Math.ceil(columns / COLUMN_STEP);
  return COLUMN_STEP * (steps < 2 ? 1 : padmeLength(steps));
}

/** The next larger table, for records that by ill luck do not fit; undefined at the bound. */
export function widened({ columns, ...layout }: Layout): Layout | undefined {
  const wider = padColumns(columns * 1.1 + 1);
  return wider > MOST_COLUMNS ? undefined : { ...layout, columns: wider };
}

function recordsIn(
  height: number,
  lists: ReadonlyMap<number, number>,
): { readonly bytes: number; readonly records: number; readonly parts: number } {
  const most = partBytes(height);
  let bytes = 0;
  let records = 0;
  let parts = 1;
  for (const [length, count] of lists) {
    const whole = Math.floor(length / most);
    const rest = length % most;
    bytes += count * (whole * recordBytes(most) + (rest === 0 ? 0 : recordBytes(rest)));
    const each = whole + (rest === 0 ? 0 : 1);
    records += count * each;
    parts = Math.max(parts, each);
  }
  return { bytes, records, parts };
}
