import type { SQLOutputValue } from 'node:sqlite';

/** A query that both sides answer; SQLite's figures come first and are compared as text. */
export interface Question {
  readonly name: string;
  /** The same text for both. */
  readonly sql: string;
}

export const FILTERED: Question = {
  name: 'filtered SUM, a tenth of the rows at random',
  // Rows are permuted in their segment, so a filter's rows lie at random whatever it says.
  sql: 'SELECT SUM(distance) AS sum FROM flights WHERE delay > 30',
};

export const GROUPED: Question = {
  name: 'GROUP BY, 64 groups, SUM and COUNT',
  sql: `SELECT origin, SUM(delay) AS sum, COUNT(*) AS count FROM flights
GROUP BY origin ORDER BY origin`,
};

export const PRODUCT: Question = {
  name: 'SUM(x*y) of a declared pair',
  sql: 'SELECT SUM(delay * distance) AS sum FROM flights',
};

/** Throws unless both answers are the same; a wrong answer is no measurement. */
export function requireEqual(
  { name }: Question,
  ours: readonly (readonly unknown[])[],
  plain: readonly Record<string, SQLOutputValue>[],
): void {
  const wanted = plain.map((row) => Object.values(row).map(String));
  const found = ours.map((row) => row.map(String));
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`wrong answer: ${name}`);
}
