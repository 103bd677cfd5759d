import { invalid } from './json-checks.ts';
import type { Column } from './schema.ts';
import { answersOperator } from './operator-answers.ts';

/** Columns of a key at most. */
export const MAX_KEY_COLUMNS = 8;

/**
 * The key of a schema, `"key": "patient_id"` or `"key": ["patient_id", "visit"]`: the columns whose
 * values tell the rows of a table apart. A vault writes no second row of a key's value. They hold no NULL, and
 * values that are exactly equal or not: neither reals nor documents.
 * @throws SCHEMA_INVALID
 */
export function parseKey(json: unknown, columns: readonly Column[]): { key?: readonly string[] } {
  if (json === undefined) return {};
  const names: readonly unknown[] = Array.isArray(json) ? json : [json];
  if (names.length < 1 || names.length > MAX_KEY_COLUMNS) {
    throw invalid('key', `must be a column, or a list of 1 to ${MAX_KEY_COLUMNS}`);
  }
  const key = names.map((name, i) => {
    const path = Array.isArray(json) ? `key[${i}]` : 'key';
    const column = columns.find((known) => known.name === name);
    if (column === undefined) {
      throw invalid(path, 'must name a column of the input');
    }
    if (column.nullable) throw invalid(path, `column "${column.name}" is nullable`);
    if (column.type === 'real' || column.type === 'document') {
      throw invalid(path, `a ${column.type} column cannot be part of a key`);
    }
    const found = column.search.filter(({ index }) => index !== 'oblivious');
    if (!answersOperator({ ...column, search: found }, '=')) {
      throw invalid(path, `no index of column "${column.name}" answers =`);
    }
    return column.name;
  });
  if (new Set(key).size < key.length) throw invalid('key', 'a column is named twice');
  return { key: Object.freeze(key) };
}
