import { OpalineError } from '../errors/opaline-error.ts';
import { groupByToJson } from './grouping-json.ts';
import type { Column, Schema } from './schema.ts';

/**
 * Throws SCHEMA_MISMATCH unless rows of `incoming` can be appended to a table of `existing`: the same
 * table, subject, key and columns in the same order with the same types, scales, ranges, products, pairs and
 * "undeclared", grouped and laid out in the same way. A column may be stricter about NULL, since every
 * row it admits fits.
 */
export function checkAppend(existing: Schema, incoming: Schema): void {
  same(existing.table, incoming.table, 'the table is');
  same(existing.subject ?? 'none', incoming.subject ?? 'none', 'the subject is');
  same(keyOf(existing), keyOf(incoming), 'the key is');
  same(names(existing), names(incoming), 'the columns are');
  same(pairs(existing), pairs(incoming), 'the pairs are');
  same(grouping(existing), grouping(incoming), 'grouping and layout are');
  same(existing.undeclared, incoming.undeclared, '"undeclared" is');
  for (const [i, column] of existing.columns.entries()) {
    const other = incoming.columns[i]!;
    same(typeOf(column), typeOf(other), `column "${column.name}" is`);
    if (other.nullable && !column.nullable) {
      throw mismatch(`column "${column.name}" is not nullable`);
    }
  }
}

function same(expected: string, found: string, what: string): void {
  if (expected !== found) throw mismatch(`${what} ${expected}, not ${found}`);
}

function keyOf({ key }: Schema): string {
  return key === undefined ? 'none' : key.map((name) => JSON.stringify(name)).join(', ');
}

function names(schema: Schema): string {
  return schema.columns.map((column) => JSON.stringify(column.name)).join(', ');
}

function pairs(schema: Schema): string {
  const sorted = schema.pairs.map((pair) => JSON.stringify(pair)).sort();
  return sorted.length === 0 ? 'none' : sorted.join(', ');
}

function grouping({ groupBy, layout }: Schema): string {
  return JSON.stringify([groupByToJson(groupBy), layout]);
}

function typeOf({ type, scale, range, derived }: Column): string {
  const places = type === 'decimal' ? ` with ${scale} places` : '';
  const from = derived === undefined ? '' : `, the product of ${derived.join(', ')}`;
  return `${type}${places}${range === undefined ? '' : ` in ${range.join(' to ')} (scaled)`}${from}`;
}

function mismatch(reason: string): OpalineError {
  return new OpalineError('SCHEMA_MISMATCH', { reason });
}
