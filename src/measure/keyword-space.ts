import type { Cell, Vault } from '../client/api.ts';
import { isOpalineError, OpalineError } from '../errors/opaline-error.ts';

/** A query for one value of one column. */
export interface Keyword {
  readonly column: string;
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

/** A column's values that are not NULL and how many rows hold each, most frequent first. */
export async function columnKeywords(
  vault: Vault,
  table: string,
  column: string,
  signal: AbortSignal | undefined,
): Promise<readonly Keyword[]> {
  const [from, name] = [quoted(table), quoted(column)];
  const options = signal && { signal };
  const of = (value: Cell, rows: number): Keyword => ({ column, value: value!, rows });
  let keywords: Keyword[];
  try {
    const sql = `SELECT ${name}, COUNT(*) FROM ${from} WHERE ${name} IS NOT NULL GROUP BY ${name}`;
    const { rows } = await vault.query(sql, [], options);
    keywords = rows.map(([value, count]) => of(value!, Number(count)));
  } catch (error) {
    // Too many values, or an index that does not group: the owner may read rows as well.
    if (!isOpalineError(error, 'GROUP_LIMIT') && !isOpalineError(error, 'CAPABILITY_MISSING')) {
      throw error;
    }
    const sql = `SELECT ${name} FROM ${from} WHERE ${name} IS NOT NULL LIMIT ${SAMPLE}`;
    const { rows } = await vault.query(sql, [], options);
    const counts = new Map<Cell, number>();
    for (const [value] of rows) counts.set(value!, (counts.get(value!) ?? 0) + 1);
    keywords = [...counts].map(([value, count]) => of(value, count));
  }
  return keywords.toSorted((a, b) => b.rows - a.rows);
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
