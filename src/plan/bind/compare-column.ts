import { OpalineError } from '../../errors/index.ts';
import type { Column } from '../../table/schema.ts';
import type { Value } from '../../table/value.ts';
import { exact, MICROS_PER_DAY, type Datum } from '../datum.ts';
import { holds } from '../evaluate.ts';
import { toDouble } from '../exact/number-text.ts';
import { Rational } from '../exact/rational.ts';
import type { Predicate, RangeEnd } from '../physical.ts';
import { mismatch } from './refuse.ts';
import { TYPE_NAMES } from './typed.ts';

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

const UNKNOWN: Predicate = { kind: 'constant', value: null };

/** True of every row whose column is not NULL, unknown of the others. */
export function known(column: Column): Predicate {
  return { kind: 'range', column: column.name };
}

/** False of every row whose column is not NULL, unknown of the others. */
function never(column: Column): Predicate {
  return { kind: 'not', arg: known(column) };
}

/**
 * `column op value` as a predicate, with the exact order of the column's type: a bound that the
 * column's scale cannot hold (x < 7.955 at two places) moves to the nearest value that it can.
 *
 * Throws TYPE_MISMATCH, or CAPABILITY_MISSING for a document column.
 */
export function compareColumn(column: Column, op: Comparison, value: Datum): Predicate {
  if (column.type === 'document') {
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'a comparison',
      column: `"${column.name}"`,
      needs: 'a document column is searched by keyword; declare it as text to compare its values',
    });
  }
  if (value === null) return UNKNOWN;
  if (op === '<>') return { kind: 'not', arg: compareColumn(column, '=', value) };
  switch (column.type) {
    case 'text':
      if (value.type === 'text') return atom(column, op, value.value);
      break;
    case 'boolean':
      if (value.type === 'boolean') return compareBoolean(column, op, value.value);
      break;
    case 'real':
      if (value.type === 'number') return compareReal(column, op, toDouble(value.value));
      if (value.type === 'real') return compareReal(column, op, value.value);
      break;
    default: {
      const rank = rankIn(column, value);
      if (rank !== undefined) return compareDiscrete(column, op, rank);
    }
  }
  throw mismatch(
    `column "${column.name}" is ${column.type} and is compared with a ${TYPE_NAMES[value.type]}`,
  );
}

/** The place of a value on the integer scale of a column's cells; undefined where types do not meet. */
function rankIn(column: Column, value: NonNullable<Datum>): Rational | undefined {
  switch (column.type) {
    case 'integer':
    case 'decimal':
      if (value.type !== 'number') return undefined;
      return value.value.times(Rational.scaled(1n, -column.scale));
    case 'date':
      if (value.type === 'date') return Rational.of(value.value);
      return value.type === 'timestamp' ? Rational.of(value.value, MICROS_PER_DAY) : undefined;
    case 'timestamp':
      if (value.type === 'timestamp') return Rational.of(value.value);
      return value.type === 'date' ? Rational.of(value.value * MICROS_PER_DAY) : undefined;
    default:
      return undefined;
  }
}

/**
 * `factor · column + addend op value`, factor not 0, for a column of exact numbers.
 * Throws TYPE_MISMATCH where the value is not a number.
 */
export function compareLinear(
  column: Column,
  factor: Rational,
  addend: Rational,
  op: Comparison,
  value: Datum,
): Predicate {
  if (value === null) return UNKNOWN;
  if (value.type !== 'number') {
    throw mismatch(`a number is compared with a ${TYPE_NAMES[value.type]}`);
  }
  const bound = value.value.minus(addend).dividedBy(factor);
  return compareColumn(column, factor.sign < 0 ? mirrored(op) : op, exact(bound));
}

/** The comparison with its sides exchanged. */
export function mirrored(op: Comparison): Comparison {
  switch (op) {
    case '<':
      return '>';
    case '<=':
      return '>=';
    case '>':
      return '<';
    case '>=':
      return '<=';
    default:
      return op;
  }
}

/** Cells that are integers: every bound becomes inclusive. */
function compareDiscrete(column: Column, op: Comparison, rank: Rational): Predicate {
  switch (op) {
    case '<':
      return atom(column, '<=', rank.ceil() - 1n);
    case '<=':
      return atom(column, '<=', rank.floor());
    case '>':
      return atom(column, '>=', rank.floor() + 1n);
    case '>=':
      return atom(column, '>=', rank.ceil());
    default:
      return rank.isInteger ? atom(column, '=', rank.numerator) : never(column);
  }
}

function compareBoolean(column: Column, op: Comparison, value: boolean): Predicate {
  const accepted = [0n, 1n].filter((cell) => holds(op, Number(cell) - Number(value)));
  if (accepted.length === 2) return known(column);
  return accepted.length === 0 ? never(column) : atom(column, '=', accepted[0]!);
}

/** Cells are finite, so a bound past the range of doubles decides alone. */
function compareReal(column: Column, op: Comparison, bound: number): Predicate {
  if (Number.isFinite(bound)) return atom(column, op, bound);
  return holds(op, bound > 0 ? -1 : 1) ? known(column) : never(column);
}

function atom(column: Column, op: Comparison, value: NonNullable<Value>): Predicate {
  const end = (inclusive: boolean): RangeEnd => ({ value, inclusive });
  switch (op) {
    case '<':
    case '<=':
      return { kind: 'range', column: column.name, high: end(op === '<=') };
    case '>':
    case '>=':
      return { kind: 'range', column: column.name, low: end(op === '>=') };
    default:
      return { kind: 'equals', column: column.name, value };
  }
}
