import { OpalineError } from '../errors/opaline-error.ts';
import { derivedToJson, parseDerived } from './derived-json.ts';
import { groupByToJson, layoutToJson, parseGroupBy, parseLayout } from './grouping-json.ts';
import {
  asObject,
  invalid,
  type Json,
  keepsOrder,
  parseName,
  refuseUnknown,
} from './json-checks.ts';
import { parseKey } from './key-json.ts';
import { parsePairs } from './pairs-json.ts';
import {
  inputColumns,
  isAggregated,
  isWhole,
  type Column,
  multipliedColumns,
  type Pair,
  type Schema,
  scoredColumns,
  type Undeclared,
  undeclaredByDefault,
} from './schema.ts';
import { parseSearch, searchToJson } from './search-index.ts';
import type { TokenRule } from './tokens.ts';
import { formatValue, parseValue } from './value-text.ts';
import type { ColumnType } from './value.ts';

/**
 * The JSON form of a schema (product: "Schema") and its checks.
 *
 * `columns` is an object, in the order of its keys. JavaScript puts keys such as "2024" first, so a
 * table with such a name keeps its order in the other form, a list of columns that each carry `name`.
 * Defaults: `nullable` false, `search` "sse", `tokens` "unicode", no pairs, `undeclared` by the number of numeric columns
 * (schema.ts), groups by masks, layout "random".
 */

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
const TABLE_KEYS = [
  'version',
  'table',
  'subject',
  'key',
  'columns',
  'derived',
  'pairs',
  'undeclared',
  'groupBy',
  'layout',
  'custody',
  'verified',
];
const UNDECLARED: readonly Undeclared[] = ['product', 'pairs', 'none'];
const COLUMN_KEYS = ['type', 'scale', 'nullable', 'range', 'category', 'tokens', 'search', 'score'];

/** Schemas made here, so that a program may pass one wherever the JSON form is taken. */
const made = new WeakSet<object>();

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
  refuseUnknown(object, TABLE_KEYS, '');
  const input = parseColumns(object['columns']);
  const columns = Object.freeze([...input, ...parseDerived(object['derived'], input)]);
  if (columns.length > MAX_COLUMNS) {
    throw invalid('columns', `a table has at most ${MAX_COLUMNS} columns`);
  }
  const table = parseName(object['table'], 'table');
  const groupBy = parseGroupBy(object['groupBy'], columns);
  const schema: Schema = Object.freeze({
    version: 1,
    table,
    ...parseSubject(object['subject'], input),
    ...parseKey(object['key'], input),
    columns,
    pairs: Object.freeze(parseDeclaredPairs(object['pairs'], columns)),
    undeclared: parseUndeclared(object['undeclared'], columns),
    groupBy: Object.freeze(groupBy),
    layout: parseLayout(object['layout'], columns, groupBy),
    ...parseCustody(object['custody']),
    ...parseVerified(object['verified']),
  });
  if (schema.custody !== undefined) checkDivided(schema);
  made.add(schema);
  return schema;
}

/** The JSON form of a schema, defaults left out; `parseSchema` of it gives an equal schema. */
export function schemaToJson(schema: Schema): unknown {
  const columns = inputColumns(schema).map(
    (column) => [column.name, columnToJson(column)] as const,
  );
  const derived = derivedToJson(schema.columns);
  return {
    version: schema.version,
    table: schema.table,
    ...(schema.subject === undefined ? {} : { subject: schema.subject }),
    ...(schema.key === undefined
      ? {}
      : { key: schema.key.length === 1 ? schema.key[0] : [...schema.key] }),
    columns: keepsOrder(columns.map(([name]) => name))
      ? Object.fromEntries(columns)
      : columns.map(([name, column]) => ({ name, ...column })),
    ...(derived === undefined ? {} : { derived }),
    ...(schema.pairs.length === 0 ? {} : { pairs: schema.pairs.map((pair) => [...pair]) }),
    ...(schema.groupBy.length === 0 ? {} : { groupBy: groupByToJson(schema.groupBy) }),
    ...(schema.undeclared === undeclaredByDefault(schema.columns)
      ? {}
      : { undeclared: schema.undeclared }),
    layout: layoutToJson(schema.layout),
    ...(schema.custody === undefined ? {} : { custody: schema.custody }),
    ...(schema.verified === true ? { verified: true } : {}),
  };
}

function columnToJson(column: Column): Record<string, unknown> {
  const search = searchToJson(column.search);
  return {
    type: column.type,
    ...(column.type === 'decimal' ? { scale: column.scale } : {}),
    ...(column.range === undefined
      ? {}
      : { range: column.range.map((end) => formatValue(end, column)) }),
    ...(column.nullable ? { nullable: true } : {}),
    ...(column.category === undefined ? {} : { category: column.category }),
    ...(column.tokens === 'ascii' ? { tokens: column.tokens } : {}),
    ...(search === undefined ? {} : { search }),
    ...(column.score === true ? { score: true } : {}),
  };
}

function parseColumns(json: unknown): Column[] {
  const entries = Array.isArray(json)
    ? json.map((item: unknown, i) => namedColumn(item, `columns[${i}]`))
    : Object.entries(asObject(json, 'columns'));
  if (entries.length === 0) throw invalid('columns', 'a table has at least one column');
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
    ...parseTokens(json['tokens'], type, `${path}.tokens`),
    search: parseSearch(json['search'], type, `${path}.search`),
    ...parseScore(json['score'], type, `${path}.score`),
  });
}

function parseScore(json: unknown, type: ColumnType, path: string): { score?: true } {
  if (json === undefined || json === false) return {};
  if (json !== true) throw invalid(path, 'must be true or false');
  if (!isAggregated({ type })) throw invalid(path, 'only numeric columns are scored');
  return { score: true };
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
  if (!isWhole({ type })) throw invalid(path, 'only integer and decimal columns have a range');
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

function parseTokens(json: unknown, type: ColumnType, path: string): { tokens?: TokenRule } {
  if (type !== 'document') {
    if (json !== undefined) throw invalid(path, 'only document columns have keywords');
    return {};
  }
  if (json === undefined || json === 'unicode') return { tokens: 'unicode' };
  if (json === 'ascii') return { tokens: json };
  throw invalid(path, 'must be "unicode" or "ascii"');
}

function parseVerified(json: unknown): { verified?: true } {
  if (json === undefined || json === false) return {};
  if (json !== true) throw invalid('verified', 'must be true or false');
  return { verified: true };
}

/** The same schema, of segments that can be verified. */
export function verifiedSchema(schema: Schema): Schema {
  if (schema.verified === true) return schema;
  return parseSchema({ ...(schemaToJson(schema) as object), verified: true });
}

function parseSubject(json: unknown, columns: readonly Column[]): { subject?: string } {
  if (json === undefined) return {};
  if (typeof json !== 'string' || !columns.some((column) => column.name === json)) {
    throw invalid('subject', 'must name a column');
  }
  return { subject: json };
}

function parseDeclaredPairs(json: unknown, columns: readonly Column[]): Pair[] {
  const pairs = json === undefined ? [] : parsePairs(json, columns, 'pairs');
  const square = pairs.findIndex(([x, y]) => x === y);
  if (square >= 0) throw invalid(`pairs[${square}]`, 'the square of a column is always stored');
  return pairs;
}

function parseUndeclared(json: unknown, columns: readonly Column[]): Undeclared {
  if (json === undefined) return undeclaredByDefault(columns);
  const found = UNDECLARED.find((known) => known === json);
  if (found !== undefined) return found;
  throw invalid('undeclared', `must be one of ${UNDECLARED.map((u) => `"${u}"`).join(', ')}`);
}

function parseCustody(json: unknown): { custody?: 'divided' } {
  if (json === undefined) return {};
  if (json !== 'divided') throw invalid('custody', 'must be "divided"');
  return { custody: json };
}

/** What would be encrypted under a key that the vault has whole. */
function checkDivided(schema: Schema): void {
  const refused =
    scoredColumns(schema).length > 0
      ? 'columns that rows are scored by'
      : multipliedColumns(schema).length > 0
        ? 'columns that the store multiplies: set "undeclared" to "pairs" or "none"'
        : schema.groupBy.length > 0
          ? 'private groups'
          : undefined;
  if (refused !== undefined) throw invalid('custody', `a divided table has no ${refused}`);
}
