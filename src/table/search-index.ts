import { asObject, invalid, type Json, later, refuseUnknown } from './json-checks.ts';
import type { ColumnType } from './value.ts';

/**
 * Which indexes a column is searched by, in the order of preference: a schema's `"search"`. A rung is a
 * construction of src/search; its JSON form is its name, or an object of the same name with options:
 *
 * | rung         | options                                                                                  |
 * | ------------ | ---------------------------------------------------------------------------------------- |
 * | `sse`        | text: `"prefix"`, code points of the longest prefix list; `"ngram"`, those of a substring's gram |
 * | `tag`        | `"bits"`, of a tag; chosen from the column's statistics where it is absent               |
 * | `sse-padded` | `"pad"`: every reply to the longest (`"max"`, the default) or to a power of two (`"power"`) |
 * | `pir`        | `"scheme"`: `"lwe"`, the default, or `"bfv"`                                             |
 * | `oblivious`  | `"by"`: sums of private groups where it is absent; `"codes"`, for many values            |
 */
export type SearchIndex =
  | { readonly index: 'sse'; readonly prefix?: number; readonly ngram?: number }
  | { readonly index: 'tag'; readonly bits?: number }
  | { readonly index: 'ore' }
  | { readonly index: 'mitra' }
  | { readonly index: 'iex' }
  | { readonly index: 'sse-padded'; readonly pad: 'max' | 'power' }
  | { readonly index: 'smooth' }
  | { readonly index: 'pir'; readonly scheme: 'lwe' | 'bfv' }
  | { readonly index: 'oblivious'; readonly by?: 'codes' };

/** One that can name rows. */
export type ListedIndex = Exclude<SearchIndex, { index: 'oblivious' }>;

export type Rung = SearchIndex['index'];

/**
 * Of a part of its own for each column. Of the others sse has one part for all columns of a segment, and
 * oblivious none: it chooses among the sums of private groups (gate/grouping/oblivious-filter.ts), or rows in
 * the vault by the sealed codes that every segment has (gate/grouping/coded-filter.ts).
 */
export type FurtherIndex = Exclude<SearchIndex, { index: 'sse' | 'oblivious' }>;

/** A column's indexes that have a part each, in the schema's order. */
export function furtherIndexes({
  search,
}: {
  readonly search: readonly SearchIndex[];
}): FurtherIndex[] {
  return search.filter(
    (one): one is FurtherIndex => one.index !== 'sse' && one.index !== 'oblivious',
  );
}

/** Rungs that the format knows and this version does not build. */
export const NOT_YET: readonly Rung[] = [];

/** Whether this version builds the rung. */
export const isBuilt = (rung: Rung): boolean => !NOT_YET.includes(rung);

/** Code points of the shortest prefix that has a list: below it, lists would be nearly whole columns. */
export const LEAST_PREFIX = 3;
const MOST_PREFIX = 16;
const LEAST_GRAM = 2;
const MOST_GRAM = 8;
const MOST_TAG_BITS = 32;

const WHOLE: readonly ColumnType[] = ['integer', 'decimal', 'date', 'timestamp'];
const VALUES: readonly ColumnType[] = [...WHOLE, 'text'];

/** The types of the columns that a rung may index. A tag of a boolean would show it at rest. */
const TYPES: { readonly [R in Rung]: readonly ColumnType[] } = {
  sse: [...VALUES, 'boolean', 'real', 'document'],
  tag: VALUES,
  ore: [...WHOLE, 'real'],
  mitra: [...VALUES, 'boolean', 'document'],
  iex: ['document'],
  'sse-padded': [...VALUES, 'boolean', 'document'],
  smooth: [...VALUES, 'boolean'],
  pir: [...VALUES, 'boolean', 'document'],
  oblivious: [...VALUES, 'boolean', 'real'],
};

const OPTIONS: { readonly [R in Rung]: readonly string[] } = {
  sse: ['prefix', 'ngram'],
  tag: ['bits'],
  ore: [],
  mitra: [],
  iex: [],
  'sse-padded': ['pad'],
  smooth: [],
  pir: ['scheme'],
  oblivious: ['by'],
};

/** What a column gets whose schema does not say. */
export const DEFAULT_SEARCH: readonly SearchIndex[] = Object.freeze([
  Object.freeze({ index: 'sse' }),
]);

/** The column's index of that rung, where its schema names one. */
export function indexOf<R extends Rung>(
  column: { readonly search: readonly SearchIndex[] },
  rung: R,
): Extract<SearchIndex, { index: R }> | undefined {
  return column.search.find((one): one is Extract<SearchIndex, { index: R }> => one.index === rung);
}

/** Whether a column has no list of any rows, not even of those where it is NULL. */
export function isUnlisted({ search }: { readonly search: readonly SearchIndex[] }): boolean {
  return search.length > 0 && search.every(({ index }) => index === 'oblivious');
}

/**
 * Whether a column is oblivious by its sealed row codes: the vault alone learns which rows have which value, and makes
 * the column's groups.
 */
export function isCoded(column: { readonly search: readonly SearchIndex[] }): boolean {
  return indexOf(column, 'oblivious')?.by === 'codes';
}

/**
 * The checked, frozen list of a column's indexes; an empty one for a column that is not searched.
 * @throws SCHEMA_INVALID; NOT_YET_AVAILABLE for a rung that this version does not build
 */
export function parseSearch(json: unknown, type: ColumnType, path: string): readonly SearchIndex[] {
  if (json === undefined) return DEFAULT_SEARCH;
  if (!Array.isArray(json)) return Object.freeze([parseIndex(json, type, path)]);
  const indexes = json.map((one: unknown, i) => parseIndex(one, type, `${path}[${i}]`));
  if (new Set(indexes.map(({ index }) => index)).size < indexes.length) {
    throw invalid(path, 'an index is declared twice');
  }
  if (indexes.length > 1 && indexes.some(({ index }) => index === 'oblivious')) {
    throw invalid(path, '"oblivious" stands alone: lists would show what it hides');
  }
  return Object.freeze(indexes);
}

/** The JSON form of a list of indexes: undefined where it is the default, a rung's name where that says all. */
export function searchToJson(search: readonly SearchIndex[]): unknown {
  const [first, ...others] = search.map(indexToJson);
  if (others.length > 0 || first === undefined) return search.map(indexToJson);
  return first === 'sse' ? undefined : first;
}

function indexToJson(search: SearchIndex): unknown {
  return Object.keys(search).length === 1 ? search.index : { ...search };
}

function parseIndex(json: unknown, type: ColumnType, path: string): SearchIndex {
  const object: Json = typeof json === 'string' ? { index: json } : asObject(json, path);
  const at = typeof json === 'string' ? path : `${path}.index`;
  const rung = (Object.keys(TYPES) as Rung[]).find((known) => known === object['index']);
  if (rung === undefined) throw invalid(at, `must be one of ${Object.keys(TYPES).join(', ')}`);
  refuseUnknown(object, ['index', ...OPTIONS[rung]], path);
  if (!TYPES[rung].includes(type)) {
    throw invalid(at, `"${rung}" indexes columns of type ${TYPES[rung].join(', ')}, not ${type}`);
  }
  const parsed = Object.freeze(withOptions(rung, object, type, path));
  if (!isBuilt(rung)) throw later(`the search index "${rung}"`);
  return parsed;
}

function withOptions(rung: Rung, object: Json, type: ColumnType, path: string): SearchIndex {
  switch (rung) {
    case 'sse':
      return {
        index: rung,
        ...wholeOption(object, 'prefix', [LEAST_PREFIX, MOST_PREFIX], path, type),
        ...wholeOption(object, 'ngram', [LEAST_GRAM, MOST_GRAM], path, type),
      };
    case 'tag':
      return { index: rung, ...wholeOption(object, 'bits', [1, MOST_TAG_BITS], path) };
    case 'sse-padded':
      return { index: rung, pad: choice(object, 'pad', ['max', 'power'], path) };
    case 'pir':
      return { index: rung, scheme: choice(object, 'scheme', ['lwe', 'bfv'], path) };
    case 'oblivious': {
      const by = choice(object, 'by', ['sums', 'codes'], path);
      return { index: rung, ...(by === 'codes' && { by }) };
    }
    case 'ore':
    case 'mitra':
    case 'iex':
    case 'smooth':
      return { index: rung };
    default:
      return rung satisfies never;
  }
}

function wholeOption<K extends string>(
  object: Json,
  key: K,
  [least, most]: readonly [number, number],
  path: string,
  /** Where only text columns may have the option: that of the column. */
  type: ColumnType = 'text',
): { [P in K]?: number } {
  const value = object[key];
  if (value === undefined) return {};
  if (type !== 'text') throw invalid(`${path}.${key}`, 'only text columns have it');
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw invalid(`${path}.${key}`, `must be a whole number from ${least} to ${most}`);
  }
  return { [key]: value } as { [P in K]?: number };
}

/** One of some words; the first where the key is absent. */
function choice<T extends string>(
  object: Json,
  key: string,
  words: readonly [T, ...T[]],
  path: string,
): T {
  const value = object[key];
  if (value === undefined) return words[0];
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw invalid(`${path}.${key}`, `must be one of ${words.map((word) => `"${word}"`).join(', ')}`);
}
