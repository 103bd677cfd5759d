import { factsOf } from './column-facts.ts';
import { wordCounts } from './documents.ts';
import { type Histogram, histogramOf, integersOf } from './histogram.ts';
import type { Equality, LabTable, Question, WorkloadName } from './scheme.ts';

/** The workloads, in the order of tables. */
export const WORKLOADS: readonly WorkloadName[] = [
  'sum',
  'filtered-average',
  'group-by',
  'correlation',
  'exact-lookup',
  'range',
  'keyword',
  'conjunction',
  'private-lookup',
];

/** Share of the rows that a range finds. */
const RANGE = 0.1;
/** Share of the documents that a keyword is looked for in: neither everywhere nor a rarity. */
const KEYWORD = 0.02;

/** What a table's columns can be used for. */
interface Roles {
  /** Integer columns whose values repeat, in the table's order. */
  readonly numbers: readonly string[];
  /** Text columns of 2 values at least that repeat, fewest values first. */
  readonly categories: readonly string[];
  /** An integer column that no two rows share. */
  readonly key: string | undefined;
  readonly document: string | undefined;
}

/**
 * One question of each workload that the table's columns have something for: sums over the first integer column,
 * correlation with the second, groups by the text column of fewest values, lookups in that of most, a tenth of the
 * rows by range, a word that one document in fifty has. Filters ask for the value that the median row has.
 */
export function questionsOf(table: LabTable): readonly Question[] {
  const { numbers, categories, key, document } = rolesOf(table);
  const [x, y] = numbers;
  const [group] = categories;
  const lookup = categories.at(-1);
  const questions: Question[] = [];
  if (x !== undefined) {
    questions.push({ workload: 'sum', column: x });
    if (group !== undefined) {
      const where = { column: group, value: typicalValue(histogramOf(table, group)) };
      questions.push({ workload: 'filtered-average', column: x, where });
      questions.push({ workload: 'group-by', group, column: x });
    }
    if (y !== undefined) questions.push({ workload: 'correlation', x, y });
  }
  if (lookup !== undefined) {
    const where = { column: lookup, value: typicalValue(histogramOf(table, lookup)) };
    questions.push({ workload: 'exact-lookup', where });
  }
  const ranged = y ?? x;
  if (ranged !== undefined) {
    questions.push({ workload: 'range', column: ranged, ...rangeOf(histogramOf(table, ranged)) });
  }
  if (document !== undefined) {
    const word = wordOf(table, document);
    if (word !== undefined) questions.push({ workload: 'keyword', column: document, word });
  }
  if (group !== undefined && lookup !== undefined && group !== lookup) {
    questions.push({ workload: 'conjunction', where: commonPair(table, group, lookup) });
  }
  if (key !== undefined) {
    const values = integersOf(table, key).toSorted();
    const where = { column: key, value: String(values[values.length >>> 1]!) };
    questions.push({ workload: 'private-lookup', where });
  }
  return questions;
}

function rolesOf(table: LabTable): Roles {
  const names = Object.keys(table.columns);
  const ofKind = (kind: 'integer' | 'text' | 'document'): string[] =>
    names.filter((name) => table.columns[name]!.kind === kind);
  const facts = new Map(factsOf(table).map((one) => [one.name, one]));
  const distinct = (name: string): number => facts.get(name)!.distinct;
  const repeats = (name: string): boolean => distinct(name) >= 2 && distinct(name) < table.rows;
  return {
    numbers: ofKind('integer').filter(repeats),
    categories: ofKind('text')
      .filter(repeats)
      .toSorted((a, b) => distinct(a) - distinct(b)),
    key: ofKind('integer').find((name) => distinct(name) === table.rows),
    document: ofKind('document')[0],
  };
}

/** The value of the row in the middle when rows stand in order of their value's frequency. */
export function typicalValue({ values, counts }: Histogram): string {
  const order = byCount(counts);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const place of order) {
    below += counts[place]!;
    if (2 * below >= rows) return values[place]!;
  }
  return values[0]!;
}

/** Places of the counts, greatest first; of equal ones the first. */
export function byCount(counts: readonly number[]): number[] {
  return counts.map((_, i) => i).sort((a, b) => counts[b]! - counts[a]! || a - b);
}

/** From the median upwards, until a tenth of the rows is in it. */
function rangeOf({ values, counts }: Histogram): { from: number; to: number } {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  let from = 0;
  for (; from < values.length - 1 && 2 * (below + counts[from]!) < rows; from++) {
    below += counts[from]!;
  }
  let [inside, to] = [counts[from]!, from];
  while (to < values.length - 1 && inside < RANGE * rows) inside += counts[++to]!;
  return { from: Number(values[from]), to: Number(values[to]) };
}

function wordOf(table: LabTable, document: string): string | undefined {
  const column = table.columns[document]!;
  if (column.kind !== 'document') return undefined;
  const { words, counts } = wordCounts(column);
  const wanted = KEYWORD * table.rows;
  const at = counts.findIndex((count) => count <= wanted);
  return words[at === -1 ? words.length - 1 : at];
}

/** The typical value of one column, and what the other holds most often beside it. */
function commonPair(table: LabTable, one: string, other: string): [Equality, Equality] {
  const first = histogramOf(table, one);
  const second = histogramOf(table, other);
  const value = typicalValue(first);
  const place = first.values.indexOf(value);
  const beside = second.values.map(() => 0);
  first.places.forEach((at, row) => {
    if (at === place) beside[second.places[row]!]! += 1;
  });
  return [
    { column: one, value },
    { column: other, value: second.values[byCount(beside)[0]!]! },
  ];
}
