import { OpalineError } from '../../errors/opaline-error.ts';
import { wordsOf } from './documents.ts';
import { columnOf, histogramOf, integersOf } from './histogram.ts';
import type { Answer, Equality, LabTable, Question } from './scheme.ts';

/** The answer by the plaintext itself, exact where `Answer` is: what every scheme is compared with. */
export function truthOf(question: Question, table: LabTable): Answer['values'] {
  switch (question.workload) {
    case 'sum':
      return [String(sumOf(integersOf(table, question.column)))];
    case 'filtered-average': {
      const values = integersOf(table, question.column);
      const chosen = rowsWhere(table, isEqual(table, question.where));
      return [chosen.reduce((sum, row) => sum + values[row]!, 0) / chosen.length];
    }
    case 'group-by': {
      const { values, places } = histogramOf(table, question.group);
      const numbers = integersOf(table, question.column);
      const sums = values.map(() => 0);
      places.forEach((place, row) => (sums[place]! += numbers[row]!));
      const named = values.map((value, i) => ({ value, sum: String(sums[i]!) }));
      return named.sort((a, b) => (a.value < b.value ? -1 : 1)).map(({ sum }) => sum);
    }
    case 'correlation':
      return [correlation(integersOf(table, question.x), integersOf(table, question.y))];
    case 'exact-lookup':
    case 'private-lookup':
      return [String(rowsWhere(table, isEqual(table, question.where)).length)];
    case 'range': {
      const { from, to } = question;
      const within = integersOf(table, question.column).filter((v) => v >= from && v <= to);
      return [String(within.length)];
    }
    case 'keyword': {
      const column = columnOf(table, question.column);
      const texts = column.kind === 'document' ? column.texts : [];
      return [String(texts.filter((text) => wordsOf(text).includes(question.word)).length)];
    }
    case 'conjunction': {
      const [first, second] = question.where.map((where) => isEqual(table, where));
      return [String(rowsWhere(table, first!, second!).length)];
    }
  }
}

/**
 * Greatest relative error of an answer, 0 where all is the same to the last bits of a double; absolute where the truth is 0.
 * Undefined: it has another number of values, or one that is no number.
 */
export function errorOf(found: Answer['values'], truth: Answer['values']): number | undefined {
  if (found.length !== truth.length) return undefined;
  let most = 0;
  for (const [i, value] of found.entries()) {
    if (value === truth[i]) continue;
    const [a, b] = [Number(value), Number(truth[i])];
    if (!Number.isFinite(a)) return undefined;
    const difference = Math.abs(a - b);
    // The truth is a double itself where it is no whole number.
    if (difference <= 2 * Number.EPSILON * Math.abs(b)) continue;
    most = Math.max(most, b === 0 ? difference : difference / Math.abs(b));
  }
  return most;
}

/** A predicate of rows, without a histogram: that of a key has as many values as the table has rows. */
function isEqual(table: LabTable, { column: name, value }: Equality): (row: number) => boolean {
  const column = columnOf(table, name);
  switch (column.kind) {
    case 'integer': {
      const { values } = column;
      // As decimal text: " 7" and "7.0" equal no integer.
      const wanted = String(Number(value)) === value ? Number(value) : NaN;
      return (row) => values[row] === wanted;
    }
    case 'text': {
      const { codes, values } = column;
      const wanted = values.indexOf(value);
      return (row) => codes[row] === wanted;
    }
    case 'document':
      throw new OpalineError('USAGE', { reason: `the column ${name} holds no single values` });
    default:
      return column satisfies never;
  }
}

function rowsWhere({ rows }: LabTable, ...all: readonly ((row: number) => boolean)[]): number[] {
  const found: number[] = [];
  for (let row = 0; row < rows; row++) if (all.every((holds) => holds(row))) found.push(row);
  return found;
}

/** Exact: 10^7 values of 31 bits stay below 2^55, so a double is not enough. */
function sumOf(values: Int32Array): bigint {
  let [total, part] = [0n, 0];
  values.forEach((value, i) => {
    part += value;
    if ((i & 0xfffff) === 0xfffff) {
      total += BigInt(part);
      part = 0;
    }
  });
  return total + BigInt(part);
}

/** Pearson's, from exact sums. */
function correlation(x: Int32Array, y: Int32Array): number {
  const n = BigInt(x.length);
  const [sx, sy] = [sumOf(x), sumOf(y)];
  const [sxx, sxy, syy] = [productSum(x, x), productSum(x, y), productSum(y, y)];
  const joint = n * sxy - sx * sy;
  const [spreadX, spreadY] = [n * sxx - sx * sx, n * syy - sy * sy];
  return Number(joint) / Math.sqrt(Number(spreadX)) / Math.sqrt(Number(spreadY));
}

function productSum(x: Int32Array, y: Int32Array): bigint {
  let [total, part] = [0n, 0];
  x.forEach((value, i) => {
    const product = value * y[i]!;
    // Two products of 31 bits each have 62: beyond 2^52 they go in one by one.
    if (Math.abs(product) >= 2 ** 42) total += BigInt(value) * BigInt(y[i]!);
    else part += product;
    if (Math.abs(part) >= 2 ** 52) {
      total += BigInt(part);
      part = 0;
    }
  });
  return total + BigInt(part);
}
