import { DatabaseSync } from 'node:sqlite';

/** A row of the table: a reading of a meter. */
export interface Reading {
  readonly id: number;
  readonly site: string;
  readonly kind: string;
  readonly level: number;
  readonly cost: string;
}

const KINDS = ['water', 'gas', 'heat', 'power'];

/** The same rows on every machine, from a seed: a linear congruential generator (Knuth, MMIX). */
export function readings(count: number): Reading[] {
  let state = 42n;
  const draw = (bound: number): number => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 33n) % bound;
  };
  return Array.from({ length: count }, (_, id) => ({
    id,
    site: `site-${draw(200)}`,
    kind: KINDS[draw(KINDS.length)]!,
    level: draw(20_000) - 5000,
    cost: `${draw(900)}.${String(draw(100)).padStart(2, '0')}`,
  }));
}

export function readingsCsv(rows: readonly Reading[]): string {
  const lines = rows.map(({ id, site, kind, level, cost }) => [id, site, kind, level, cost].join());
  return `id,site,kind,level,cost\n${lines.join('\n')}\n`;
}

export const READINGS_SCHEMA: object = {
  version: 1,
  table: 'readings',
  columns: {
    id: { type: 'integer' },
    site: { type: 'text' },
    kind: { type: 'text' },
    level: { type: 'integer', range: ['-10000', '20000'] },
    cost: { type: 'decimal', scale: 2 },
  },
};

/** A question, and the same for SQLite, where costs are whole cents; `cents` names the answer's columns of those. */
export interface Question {
  readonly sql: string;
  readonly plain: string;
  readonly cents: readonly number[];
}

export const QUESTIONS: readonly Question[] = [
  {
    sql: 'SELECT kind, COUNT(*), SUM(level) FROM readings GROUP BY kind ORDER BY kind',
    plain: 'SELECT kind, COUNT(*), SUM(level) FROM readings GROUP BY kind ORDER BY kind',
    cents: [],
  },
  {
    sql: "SELECT SUM(cost), COUNT(*) FROM readings WHERE site = 'site-17' AND level > 0",
    plain: "SELECT SUM(cost), COUNT(*) FROM readings WHERE site = 'site-17' AND level > 0",
    cents: [0],
  },
  {
    sql: 'SELECT SUM(level), SUM(cost) FROM readings WHERE level BETWEEN -100 AND 2500',
    plain: 'SELECT SUM(level), SUM(cost) FROM readings WHERE level BETWEEN -100 AND 2500',
    cents: [1],
  },
  {
    sql: "SELECT id, level, cost FROM readings WHERE site = 'site-3' AND kind = 'gas' ORDER BY id LIMIT 20",
    plain:
      "SELECT id, level, cost FROM readings WHERE site = 'site-3' AND kind = 'gas' ORDER BY id LIMIT 20",
    cents: [2],
  },
  {
    sql: "SELECT kind, MAX(level), MIN(level) FROM readings WHERE site <> 'site-5' GROUP BY kind ORDER BY kind",
    plain:
      "SELECT kind, MAX(level), MIN(level) FROM readings WHERE site <> 'site-5' GROUP BY kind ORDER BY kind",
    cents: [],
  },
];

/** What plaintext SQLite answers, as texts in the form of ours. */
export function plainAnswers(rows: readonly Reading[]): string[][][] {
  using database = new DatabaseSync(':memory:');
  database.exec(
    'CREATE TABLE readings (id INTEGER, site TEXT, kind TEXT, level INTEGER, cost INTEGER)',
  );
  const insert = database.prepare('INSERT INTO readings VALUES (?, ?, ?, ?, ?)');
  database.exec('BEGIN');
  for (const { id, site, kind, level, cost } of rows) {
    insert.run(id, site, kind, level, Number(cost.replace('.', '')));
  }
  database.exec('COMMIT');
  return QUESTIONS.map(({ plain, cents }) =>
    database
      .prepare(plain)
      .all()
      .map((row) =>
        Object.values(row).map((cell, i) =>
          cents.includes(i) ? inUnits(Number(cell)) : String(cell),
        ),
      ),
  );
}

/** Whole cents as a decimal without trailing zeros. */
function inUnits(cents: number): string {
  const text = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
  return text.replace(/\.?0+$/, '');
}
