import type { Cell, Vault } from '../client/api.ts';
import { isOpalineError, OpalineError } from '../errors/opaline-error.ts';
import type { Column } from '../table/schema.ts';
import { tokensOf } from '../table/tokens.ts';

/** A query for one value of one column, or for one word of its documents. */
export interface Keyword {
  readonly column: string;
  readonly by: 'equals' | 'match';
  readonly value: Exclude<Cell, null>;
  /** Rows that hold it, as the owner knows. */
  readonly rows: number;
}

/** The keywords that a trial draws its queries from: the protocol's query space. */
export interface KeywordSpace {
  /** `all`, or the more or the less frequent ones where there are more than fit. */
  readonly name: 'all' | 'frequent' | 'rare';
  readonly keywords: readonly Keyword[];
}

/** Most keywords of a space, so that assignment problems stay small. */
export const SPACE = 500;
/** Rows from which values are counted where there are too many values to group by. */
const SAMPLE = 100_000;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What a column's queries ask of its index. */
export const askedOf = ({ type }: Pick<Column, 'type'>): Keyword['by'] =>
  type === 'document' ? 'match' : 'equals';

/**
 * A column's values that are not NULL, of documents their words, and how many rows hold each, most frequent
 * first.
 */
export async function columnKeywords(
  vault: Vault,
  table: string,
  column: Column,
  signal: AbortSignal | undefined,
): Promise<readonly Keyword[]> {
  const by = askedOf(column);
  const counts = await (by === 'match' ? wordCounts : valueCounts)(vault, table, column, signal);
  return counts
    .map(([value, rows]): Keyword => ({ column: column.name, by, value, rows }))
    .toSorted((a, b) => b.rows - a.rows);
}

type Counts = (readonly [value: Exclude<Cell, null>, rows: number])[];

async function valueCounts(
  vault: Vault,
  table: string,
  { name: column }: Column,
  signal: AbortSignal | undefined,
): Promise<Counts> {
  const [from, name] = [quoted(table), quoted(column)];
  try {
    const sql = `SELECT ${name}, COUNT(*) FROM ${from} WHERE ${name} IS NOT NULL GROUP BY ${name}`;
    const { rows } = await vault.query(sql, [], signal && { signal });
    return rows.map(([value, count]) => [value!, Number(count)] as const);
  } catch (error) {
    // Too many values, or an index that does not group: the owner may read rows as well.
    if (!isOpalineError(error, 'GROUP_LIMIT') && !isOpalineError(error, 'CAPABILITY_MISSING')) {
      throw error;
    }
    return counted(await sampled(vault, table, column, signal));
  }
}

async function wordCounts(
  vault: Vault,
  table: string,
  { name, tokens = 'unicode' }: Column,
  signal: AbortSignal | undefined,
): Promise<Counts> {
  const documents = await sampled(vault, table, name, signal);
  function* words(): Generator<string> {
    for (const text of documents) yield* new Set(tokensOf(String(text), tokens));
  }
  // Lower case may undo NFKC: of such a word, asked for by itself, MATCH makes another.
  return counted(words()).filter(([word]) => tokensOf(String(word), tokens).join(' ') === word);
}

/** A column's values that are not NULL, of the first rows. */
async function sampled(
  vault: Vault,
  table: string,
  column: string,
  signal: AbortSignal | undefined,
): Promise<Exclude<Cell, null>[]> {
  const [from, name] = [quoted(table), quoted(column)];
  const sql = `SELECT ${name} FROM ${from} WHERE ${name} IS NOT NULL LIMIT ${SAMPLE}`;
  const { rows } = await vault.query(sql, [], signal && { signal });
  return rows.map(([value]) => value!);
}

function counted(values: Iterable<Exclude<Cell, null>>): Counts {
  const counts = new Map<Exclude<Cell, null>, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts];
}

/** One space where all keywords fit, else one of the most and one of the least frequent. */
export function spacesOf(keywords: readonly Keyword[]): KeywordSpace[] {
  if (keywords.length <= SPACE) return [{ name: 'all', keywords }];
  return [
    { name: 'frequent', keywords: keywords.slice(0, SPACE) },
    { name: 'rare', keywords: keywords.slice(-SPACE) },
  ];
}

/** @throws UNKNOWN_TABLE; USAGE where a vault has several tables and none is named */
export async function chosenTable(
  vault: Vault,
  table: string | undefined,
): Promise<Awaited<ReturnType<Vault['tables']>>[0]> {
  const tables = await vault.tables();
  const known = tables.map((info) => info.table);
  const found = table === undefined ? tables : tables.filter((info) => info.table === table);
  if (found.length === 0) throw new OpalineError('UNKNOWN_TABLE', { table: table ?? '', known });
  if (found.length > 1) {
    throw new OpalineError('USAGE', { reason: `name a table: ${known.join(', ')}` });
  }
  return found[0]!;
}
