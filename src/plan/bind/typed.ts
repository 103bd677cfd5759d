import type { ColumnType } from '../../table/value.ts';
import { parseValue } from '../../table/value-text.ts';
import type { Datum } from '../datum.ts';
import { parseNumber } from '../exact/number-text.ts';
import type { Rational } from '../exact/rational.ts';
import type { Expression, Literal } from '../physical.ts';
import { mismatch } from './refuse.ts';

/** The types expressions have. A quoted literal is `unknown` until it meets another type, and so is NULL. */
export type DataType = 'number' | 'real' | 'text' | 'boolean' | 'date' | 'timestamp' | 'unknown';

/** A bound expression and its type. */
export interface Typed {
  readonly expression: Expression;
  readonly type: DataType;
}

/** The type of a column's cells in expressions. */
export function dataTypeOf(type: ColumnType): DataType {
  switch (type) {
    case 'integer':
    case 'decimal':
      return 'number';
    case 'document':
      return 'text';
    default:
      return type;
  }
}

export function literal(value: Literal): Typed {
  const type = value.type === 'null' ? 'unknown' : value.type;
  return { expression: { kind: 'literal', value }, type };
}

export const NULL: Typed = literal({ type: 'null' });

/** A quoted literal or text parameter, of the type it will meet. */
export function unknownText(value: string): Typed {
  return { expression: { kind: 'literal', value: { type: 'text', value } }, type: 'unknown' };
}

/** An exact number as an expression: a decimal literal, or a quotient of two where it never ends. */
export function numberExpression(value: Rational): Expression {
  const places = value.decimalPlaces();
  if (places !== undefined) {
    return { kind: 'literal', value: { type: 'number', ...value.scaledTo(places) } };
  }
  const part = (digits: bigint): Expression => ({
    kind: 'literal',
    value: { type: 'number', digits, scale: 0 },
  });
  return { kind: 'binary', op: '/', left: part(value.numerator), right: part(value.denominator) };
}

/**
 * Gives an `unknown` the wanted type, as PostgreSQL reads a quoted literal where that type is
 * expected; leaves everything else. `unknown` as the wanted type means text.
 * Throws TYPE_MISMATCH, without the text.
 */
export function settle(typed: Typed, wanted: DataType): Typed {
  if (typed.type !== 'unknown') return typed;
  const { expression } = typed;
  if (expression.kind !== 'literal' || expression.value.type !== 'text') {
    return { expression, type: wanted === 'unknown' ? 'text' : wanted };
  }
  const value = readAs(expression.value.value, wanted);
  if (value === undefined) throw mismatch(`a quoted literal is not a valid ${TYPE_NAMES[wanted]}`);
  return literal(value);
}

/** Names for messages. */
export const TYPE_NAMES: Readonly<Record<DataType | NonNullable<Datum>['type'], string>> = {
  number: 'number',
  real: 'number',
  approximate: 'number',
  text: 'text',
  boolean: 'boolean',
  date: 'date (YYYY-MM-DD)',
  timestamp: 'timestamp (YYYY-MM-DD HH:MM:SS)',
  unknown: 'text',
};

function readAs(text: string, wanted: DataType): Literal | undefined {
  switch (wanted) {
    case 'unknown':
    case 'text':
      return { type: 'text', value: text };
    case 'number':
    case 'real': {
      const number = parseNumber(text);
      return number === undefined ? undefined : { type: 'number', ...number };
    }
    case 'boolean': {
      const value = readBoolean(text);
      return value === undefined ? undefined : { type: 'boolean', value };
    }
    case 'date':
    case 'timestamp': {
      const value = parseValue(text, { type: wanted, scale: 0 });
      return value === undefined ? undefined : { type: wanted, value: value as bigint };
    }
  }
}

/** PostgreSQL's boolean input: any prefix of true, false, yes, no; on, off, of; 1, 0 (manual, 8.6). */
function readBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (word === '') return undefined;
  if (['true', 'yes', '1'].some((name) => name.startsWith(word)) || word === 'on') return true;
  if (['false', 'no', '0'].some((name) => name.startsWith(word))) return false;
  return word === 'of' || word === 'off' ? false : undefined;
}
