import { OpalineError } from '../errors/opaline-error.ts';
import { groupByToJson } from './grouping-json.ts';
import { schemaToJson } from './schema-json.ts';
import { conflictingRung } from './schema-union.ts';
import type { Column, Schema } from './schema.ts';
import { searchToJson } from './search-index.ts';

/**
 * Throws SCHEMA_MISMATCH unless rows of `incoming` can be appended to a table of `existing`: the same
 * table, subject, key and columns in the same order with the same types, scales, ranges, products, indexes,
 * pairs and "undeclared", grouped and laid out in the same way. A column may be stricter about NULL, since every
 * row it admits fits.
 */
export function checkAppend(existing: Schema, incoming: Schema): void {
  checkColumns(existing, incoming);
  same(keyOf(existing), keyOf(incoming), 'the key is');
  for (const [i, column] of existing.columns.entries()) {
    const other = incoming.columns[i]!;
    const changed = '; opaline reindex changes the indexes of a table';
    same(search(column), search(other), `the search index of column "${column.name}" is`, changed);
    same(scored(column), scored(other), `column "${column.name}" is`, changed);
  }
  same(pairs(existing), pairs(incoming), 'the pairs are');
  same(grouping(existing), grouping(incoming), 'grouping and layout are');
  same(existing.undeclared, incoming.undeclared, '"undeclared" is');
  same(custody(existing), custody(incoming), 'its key is');
}

/**
 * Throws SCHEMA_MISMATCH unless a table of `existing` can be changed into one of `next` from its records:
 * the same table, subject, columns and "undeclared". Indexes, pairs, groups and layout may differ.
 */
export function checkReindex(existing: Schema, next: Schema): void {
  checkColumns(existing, next);
  for (const [i, column] of existing.columns.entries()) {
    if (column.nullable && !next.columns[i]!.nullable) {
      throw mismatch(`column "${column.name}" is nullable`);
    }
  }
  same(existing.undeclared, next.undeclared, '"undeclared" is');
  same(custody(existing), custody(next), 'its key is');
  const rung = conflictingRung(existing, next);
  if (rung !== undefined) {
    throw mismatch(`the options of ${rung} differ: change to a schema without it first`);
  }
}

/** Whether two schemas say the same of a table, in whatever form they were written. */
export function sameSchema(one: Schema, other: Schema): boolean {
  return JSON.stringify(schemaToJson(one)) === JSON.stringify(schemaToJson(other));
}

function checkColumns(existing: Schema, incoming: Schema): void {
  same(existing.table, incoming.table, 'the table is');
  same(existing.subject ?? 'none', incoming.subject ?? 'none', 'the subject is');
  same(names(existing), names(incoming), 'the columns are');
  for (const [i, column] of existing.columns.entries()) {
    const other = incoming.columns[i]!;
    same(typeOf(column), typeOf(other), `column "${column.name}" is`);
    if (other.nullable && !column.nullable) {
      throw mismatch(`column "${column.name}" is not nullable`);
    }
  }
}

function same(expected: string, found: string, what: string, advice = ''): void {
  if (expected !== found) throw mismatch(`${what} ${expected}, not ${found}${advice}`);
}

const search = (column: Column): string => JSON.stringify(searchToJson(column.search) ?? 'sse');
const scored = ({ score }: Column): string => (score === true ? 'scored' : 'not scored');
const custody = (schema: Schema): string => schema.custody ?? 'whole';
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

function typeOf({ type, scale, range, derived, tokens }: Column): string {
  const places = type === 'decimal' ? ` with ${scale} places` : '';
  const words = tokens === 'ascii' ? ' of ascii tokens' : '';
  const from = derived === undefined ? '' : `, the product of ${derived.join(', ')}`;
  return `${type}${places}${words}${range === undefined ? '' : ` in ${range.join(' to ')} (scaled)`}${from}`;
}

function mismatch(reason: string): OpalineError {
  return new OpalineError('SCHEMA_MISMATCH', { reason });
}
