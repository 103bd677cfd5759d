import { OpalineError } from '../errors/opaline-error.ts';
import { groupByToJson, layoutToJson, parseGroupBy, parseLayout } from './grouping-json.ts';
import { isAggregated, type Column, type Schema, type SearchIndexKind } from './schema.ts';
import { formatValue, parseValue } from './value-text.ts';
import type { ColumnType } from './value.ts';

/**
 * The JSON form of a schema (product: "Schema") and its checks.
 *
 * `columns` is an object, in the order of its keys. JavaScript puts keys such as "2024" first, so a
 * table with such a name keeps its order in the other form, a list of columns that each carry `name`.
 * Defaults: `nullable` false, `search` "sse", no pairs, groups by masks, layout "random".
 */

/** PostgreSQL's own limit (NAMEDATALEN − 1): its grammar cuts longer names, so no query could meet one. */
export const MAX_NAME_BYTES = 63;
export const MAX_COLUMNS = 256;
export const MAX_SCALE = 18;

const TYPES: readonly ColumnType[] = [
  'integer',
  'decimal',
  'real',
  'boolean',
  'date',
  'timestamp',
  'text',
  'document',
];
const LATER_INDEXES = ['tag', 'ore', 'sse-padded', 'mitra', 'smooth', 'pir', 'oblivious'];
const TABLE_KEYS = ['version', 'table', 'subject', 'columns', 'pairs', 'groupBy', 'layout'];
const COLUMN_KEYS = ['type', 'scale', 'nullable', 'range', 'category', 'search'];

/** Schemas made here, so that a program may pass one wherever the JSON form is taken. */
const made = new WeakSet<object>();

type Json = Readonly<Record<string, unknown>>;

/**
 * The checked, frozen schema of a JSON value. A schema made by this function is returned as it is.
 *
 * Throws SCHEMA_INVALID with the path of the offending part (`columns.fee.scale`), NOT_YET_AVAILABLE for
 * what the format knows and this version does not do, VERSION_UNSUPPORTED.
 */
export function parseSchema(json: unknown): Schema {
  if (typeof json === 'object' && json !== null && made.has(json)) return json as Schema;
  const object = asObject(json, 'schema');
  if (typeof object['version'] !== 'number') throw invalid('version', 'must be 1');
  if (object['version'] !== 1) {
    const version = object['version'];
    throw new OpalineError('VERSION_UNSUPPORTED', { what: 'the schema', version, supported: '1' });
  }
  refuseLater(object, 'derived', '"derived" in a schema');
  refuseUnknown(object, TABLE_KEYS, '');
  const columns = Object.freeze(parseColumns(object['columns']));
  const table = parseName(object['table'], 'table');
  const groupBy = parseGroupBy(object['groupBy'], columns);
  const schema: Schema = Object.freeze({
    version: 1,
    table,
    ...parseSubject(object['subject'], columns),
    columns,
    pairs: Object.freeze(parsePairs(object['pairs'], columns)),
    groupBy: Object.freeze(groupBy),
    layout: parseLayout(object['layout'], columns, groupBy),
  });
  made.add(schema);
  return schema;
}

/** The JSON form of a schema, defaults left out; `parseSchema` of it gives an equal schema. */
export function schemaToJson(schema: Schema): unknown {
  const columns = schema.columns.map((column) => [column.name, columnToJson(column)] as const);
  const ordered = Object.keys(Object.fromEntries(columns)).every(
    (name, i) => name === columns[i]![0],
  );
  return {
    version: schema.version,
    table: schema.table,
    ...(schema.subject === undefined ? {} : { subject: schema.subject }),
    columns: ordered
      ? Object.fromEntries(columns)
      : columns.map(([name, column]) => ({ name, ...column })),
    ...(schema.pairs.length === 0 ? {} : { pairs: schema.pairs.map((pair) => [...pair]) }),
    ...(schema.groupBy.length === 0 ? {} : { groupBy: groupByToJson(schema.groupBy) }),
    layout: layoutToJson(schema.layout),
  };
}

function columnToJson(column: Column): Record<string, unknown> {
  return {
    type: column.type,
    ...(column.type === 'decimal' ? { scale: column.scale } : {}),
    ...(column.range === undefined
      ? {}
      : { range: column.range.map((end) => formatValue(end, column)) }),
    ...(column.nullable ? { nullable: true } : {}),
    ...(column.category === undefined ? {} : { category: column.category }),
    ...(column.search.length === 0 ? { search: [] } : {}),
  };
}

function parseColumns(json: unknown): Column[] {
  const entries = Array.isArray(json)
    ? json.map((item: unknown, i) => namedColumn(item, `columns[${i}]`))
    : Object.entries(asObject(json, 'columns'));
  if (entries.length === 0) throw invalid('columns', 'a table has at least one column');
  if (entries.length > MAX_COLUMNS) {
    throw invalid('columns', `a table has at most ${MAX_COLUMNS} columns`);
  }
  const seen = new Set<string>();
  return entries.map(([name, column]) => {
    const path = `columns.${name}`;
    parseName(name, path);
    if (seen.has(name)) throw invalid(path, 'the column is declared twice');
    seen.add(name);
    return parseColumn(name, asObject(column, path), path);
  });
}

function namedColumn(json: unknown, path: string): [string, unknown] {
  const { name, ...column } = asObject(json, path);
  return [parseName(name, `${path}.name`), column];
}

function parseColumn(name: string, json: Json, path: string): Column {
  refuseLater(json, 'tokens', '"tokens" in a schema');
  refuseUnknown(json, COLUMN_KEYS, path);
  const type = TYPES.find((known) => known === json['type']);
  if (type === undefined) throw invalid(`${path}.type`, `must be one of ${TYPES.join(', ')}`);
  const { nullable = false, category } = json;
  if (typeof nullable !== 'boolean') throw invalid(`${path}.nullable`, 'must be true or false');
  const scale = parseScale(json['scale'], type, `${path}.scale`);
  return Object.freeze({
    name,
    type,
    scale,
    nullable,
    ...parseRange(json['range'], type, scale, `${path}.range`),
    ...(category === undefined ? {} : { category: parseName(category, `${path}.category`) }),
    search: Object.freeze(parseSearch(json['search'], `${path}.search`)),
  });
}

function parseScale(json: unknown, type: ColumnType, path: string): number {
  if (type !== 'decimal') {
    if (json !== undefined) throw invalid(path, 'only decimal columns have a scale');
    return 0;
  }
  if (typeof json !== 'number' || !Number.isInteger(json) || json < 0 || json > MAX_SCALE) {
    throw invalid(path, `a decimal column needs a whole number from 0 to ${MAX_SCALE}`);
  }
  return json;
}

function parseRange(
  json: unknown,
  type: ColumnType,
  scale: number,
  path: string,
): { range?: readonly [bigint, bigint] } {
  if (json === undefined) return {};
  if (!isAggregated({ type })) throw invalid(path, 'only integer and decimal columns have a range');
  if (!Array.isArray(json) || json.length !== 2) throw invalid(path, 'must be [lowest, highest]');
  const [low, high] = json.map((end: unknown, i) => {
    const exact = typeof end === 'string' || (typeof end === 'number' && Number.isSafeInteger(end));
    const value = exact ? parseValue(String(end), { type, scale }) : undefined;
    if (typeof value === 'bigint') return value;
    const places = scale === 0 ? 'a whole number' : `a number of at most ${scale} places`;
    throw invalid(`${path}[${i}]`, `must be ${places}, in quotes unless it is a small integer`);
  });
  if (low! > high!) throw invalid(path, 'the lowest value is above the highest');
  return { range: Object.freeze([low!, high!] as const) };
}

function parseSearch(json: unknown, path: string): SearchIndexKind[] {
  if (json === undefined) return ['sse'];
  if (!Array.isArray(json)) return [parseIndex(json, path)];
  const kinds = json.map((index: unknown, i) => parseIndex(index, `${path}[${i}]`));
  if (new Set(kinds).size < kinds.length) throw invalid(path, 'an index is declared twice');
  return kinds;
}

function parseIndex(json: unknown, path: string): SearchIndexKind {
  if (typeof json === 'string') {
    if (json === 'sse') return json;
    if (LATER_INDEXES.includes(json)) throw later(`the search index "${json}"`);
    throw invalid(path, 'must be "sse"');
  }
  const object = asObject(json, path);
  refuseLater(object, 'prefix', '"prefix" in a search index');
  refuseLater(object, 'ngram', '"ngram" in a search index');
  refuseUnknown(object, ['index'], path);
  if (typeof object['index'] !== 'string') throw invalid(`${path}.index`, 'must be "sse"');
  return parseIndex(object['index'], `${path}.index`);
}

function parseSubject(json: unknown, columns: readonly Column[]): { subject?: string } {
  if (json === undefined) return {};
  if (typeof json !== 'string' || !columns.some((column) => column.name === json)) {
    throw invalid('subject', 'must name a column');
  }
  return { subject: json };
}

/** Pairs come in schema order. A pair of a column with itself is refused: x² is always stored. */
function parsePairs(json: unknown, columns: readonly Column[]): (readonly [string, string])[] {
  if (json === undefined) return [];
  if (!Array.isArray(json)) throw invalid('pairs', 'must be a list of [column, column]');
  const seen = new Set<number>();
  return json.map((pair: unknown, i) => {
    const path = `pairs[${i}]`;
    if (!Array.isArray(pair) || pair.length !== 2) throw invalid(path, 'must be [column, column]');
    const [a, b] = pair.map((name: unknown, side) => {
      const index = columns.findIndex((column) => column.name === name);
      if (index < 0) throw invalid(`${path}[${side}]`, 'must name a column');
      if (isAggregated(columns[index]!)) return index;
      throw invalid(`${path}[${side}]`, 'must name an integer or decimal column');
    }) as [number, number];
    if (a === b) throw invalid(path, 'the square of a column is always stored');
    const [first, second] = [Math.min(a, b), Math.max(a, b)];
    if (seen.has(first * MAX_COLUMNS + second)) throw invalid(path, 'the pair is declared twice');
    seen.add(first * MAX_COLUMNS + second);
    return Object.freeze([columns[first]!.name, columns[second]!.name] as const);
  });
}

/** A table, column or category name: well-formed, without control characters, 1 to 63 bytes of UTF-8. */
function parseName(json: unknown, path: string): string {
  if (typeof json !== 'string' || json === '') throw invalid(path, 'must be a non-empty string');
  if (!json.isWellFormed() || /\p{Cc}/u.test(json)) {
    throw invalid(path, 'a name has no control characters and no lone surrogates');
  }
  if (new TextEncoder().encode(json).length > MAX_NAME_BYTES) {
    throw invalid(path, `a name has at most ${MAX_NAME_BYTES} bytes`);
  }
  return json;
}

function asObject(json: unknown, path: string): Json {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Json;
  throw invalid(path, 'must be an object');
}

function refuseUnknown(object: Json, known: readonly string[], path: string): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    throw invalid(path === '' ? key : `${path}.${key}`, `unknown key; known: ${known.join(', ')}`);
  }
}

function refuseLater(object: Json, key: string, feature: string): void {
  if (Object.hasOwn(object, key)) throw later(feature);
}

function later(feature: string): OpalineError {
  return new OpalineError('NOT_YET_AVAILABLE', { feature });
}

function invalid(path: string, reason: string): OpalineError {
  return new OpalineError('SCHEMA_INVALID', { path, reason });
}
