import { OpalineError } from '../../errors/opaline-error.ts';
import type { LabColumn, LabTable } from './scheme.ts';

/** A column's distinct values and how many rows hold each. */
export interface Histogram {
  /** In order: by number, or as `<` orders strings. */
  readonly values: readonly string[];
  readonly counts: readonly number[];
  /** Each row's place in `values`. */
  readonly places: Uint32Array;
}

const kept = new WeakMap<LabColumn, Histogram>();

/** Of an integer or text column, values as decimal text where they are numbers. @throws USAGE for another */
export function histogramOf(table: LabTable, name: string): Histogram {
  const column = columnOf(table, name);
  let histogram = kept.get(column);
  if (histogram === undefined) {
    histogram = column.kind === 'integer' ? ofIntegers(column.values) : ofTexts(column, name);
    kept.set(column, histogram);
  }
  return histogram;
}

/** @throws USAGE where the table has no such column */
export function columnOf(table: LabTable, name: string): LabColumn {
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  if (column === undefined) {
    throw new OpalineError('USAGE', { reason: `the lab’s table has no column ${name}` });
  }
  return column;
}

/** @throws USAGE where it is not a column of integers */
export function integersOf(table: LabTable, name: string): Int32Array {
  const column = columnOf(table, name);
  if (column.kind === 'integer') return column.values;
  throw new OpalineError('USAGE', { reason: `the column ${name} holds no integers` });
}

/** Without a set or a map: a key of ten million rows has as many values. */
function ofIntegers(rows: Int32Array): Histogram {
  const sorted = rows.toSorted();
  const values = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  const placeOf = placesIn(values);
  const places = Uint32Array.from(rows, placeOf);
  return { values: Array.from(values, String), counts: countPlaces(places, values.length), places };
}

/** Gaps that a table of places may have, for each value that it has. */
const GAPS = 4;

/** The place of a value in ascending ones, of which it is one. */
function placesIn(values: Int32Array): (value: number) => number {
  const [first, last] = [values[0] ?? 0, values.at(-1) ?? 0];
  if (last - first <= GAPS * values.length) {
    const places = new Uint32Array(last - first + 1);
    values.forEach((value, place) => (places[value - first] = place));
    return (value) => places[value - first]!;
  }
  return (value) => {
    let [low, high] = [0, values.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function ofTexts(column: LabColumn, name: string): Histogram {
  if (column.kind !== 'text') {
    throw new OpalineError('USAGE', { reason: `the column ${name} holds no single values` });
  }
  const all = countPlaces(column.codes, column.values.length);
  // Only what occurs, in order, whatever the order of the codes.
  const order = column.values
    .map((value, code) => ({ value, code }))
    .filter(({ code }) => all[code]! > 0)
    .sort((a, b) => (a.value < b.value ? -1 : 1));
  const place = new Uint32Array(column.values.length);
  order.forEach(({ code }, i) => (place[code] = i));
  return {
    values: order.map(({ value }) => value),
    counts: order.map(({ code }) => all[code]!),
    places: column.codes.map((code) => place[code]!),
  };
}

function countPlaces(places: Uint32Array, values: number): number[] {
  const counts = Array.from({ length: values }, () => 0);
  for (const place of places) counts[place]! += 1;
  return counts;
}
