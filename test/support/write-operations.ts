import type { Vault } from '../../src/client/api.ts';
import { DELTA_ROWS } from '../../src/table/manifest.ts';
import { sealCheaply } from './seal-cheaply.ts';
import { PASSPHRASE } from './vaults.ts';

/** The table that writes are tried on. */
export interface Visit {
  readonly id: number;
  readonly patient: string;
  readonly fee: number | null;
}

export const VISITS = {
  version: 1,
  table: 'visits',
  columns: {
    id: { type: 'integer' },
    patient: { type: 'text' },
    fee: { type: 'integer', nullable: true },
  },
};

/** The same with an index that has a state, and rows laid out together. */
const REINDEXED = {
  ...VISITS,
  columns: { ...VISITS.columns, patient: { type: 'text', search: ['sse', 'mitra'] } },
  layout: { clustered: 'patient' },
};

export function visits(from: number, to: number): Visit[] {
  return Array.from({ length: to - from }, (_, i) => {
    const id = from + i;
    return { id, patient: `patient ${id % 7}`, fee: id % 5 === 0 ? null : id % 100 };
  });
}

/** A table to begin with; undefined: no table. */
export type Start = 'nothing' | 'small' | 'full delta' | 'two segments' | 'segments';

/** Rows of each ingest: segments, then the delta. */
export const STARTS: Readonly<Record<Start, readonly number[] | undefined>> = {
  nothing: undefined,
  small: [30, 6],
  'full delta': [5, DELTA_ROWS],
  'two segments': [3, DELTA_ROWS + 1, 2],
  segments: [30, DELTA_ROWS + 1, DELTA_ROWS + 2, 6],
};

export interface Operation {
  readonly name: string;
  readonly start: Start;
  /** Done twice, it is done once. */
  readonly idempotent: boolean;
  run(vault: Vault): Promise<unknown>;
  /** What it makes of the table's rows. */
  after(rows: readonly Visit[]): readonly Visit[];
}

const append = (name: string, start: Start, rows: readonly Visit[]): Operation => ({
  name,
  start,
  idempotent: false,
  run: (vault) => vault.ingest(VISITS, rows, { append: true }),
  after: (before) => [...before, ...rows],
});

const remove = (name: string, erase: boolean): Operation => ({
  name,
  start: 'small',
  idempotent: true,
  run: (vault) => vault.delete('DELETE FROM visits WHERE patient = $1', ['patient 3'], { erase }),
  after: (before) => before.filter(({ patient }) => patient !== 'patient 3'),
});

/** Every kind of write of a vault. */
export const OPERATIONS: readonly Operation[] = [
  append('the first ingest', 'nothing', visits(0, 30)),
  append('an append to the delta', 'small', visits(1000, 1010)),
  append('an append that overflows the delta', 'full delta', visits(9000, 9003)),
  append('a large append', 'small', visits(9000, 9001 + DELTA_ROWS)),
  remove('a DELETE', false),
  remove('an erasure', true),
  {
    name: 'a compaction',
    start: 'small',
    idempotent: true,
    run: (vault) => vault.compact(),
    after: (before) => before,
  },
  {
    name: 'a rotation',
    start: 'segments',
    idempotent: true,
    run: (vault) => vault.rotate(undefined, { stepRows: 1 }),
    after: (before) => before,
  },
  {
    name: 'a change of indexes',
    start: 'two segments',
    idempotent: true,
    // Another index and another layout for a while: columns are made anew, and segments twice on the way back.
    run: async (vault) => {
      await vault.reindex(REINDEXED, { stepRows: 1 });
      await vault.reindex(VISITS, { stepRows: 1 });
    },
    after: (before) => before,
  },
];

/** The rows of the table to begin with. */
export function rowsOf(start: Start): readonly Visit[] {
  return visits(
    0,
    (STARTS[start] ?? []).reduce((sum, rows) => sum + rows, 0),
  );
}

/** Make the table to begin with. */
export async function begin(vault: Vault, start: Start): Promise<void> {
  const sizes = STARTS[start];
  if (sizes === undefined) return;
  let from = 0;
  for (const rows of sizes) {
    await vault.ingest(VISITS, visits(from, (from += rows)), { append: true });
  }
}

/** Together they read every kind of part. */
export const QUERIES = [
  'SELECT id, patient, fee FROM visits ORDER BY id',
  'SELECT patient, COUNT(*), SUM(fee) FROM visits GROUP BY patient ORDER BY patient',
  'SELECT COUNT(*), SUM(id) FROM visits WHERE fee BETWEEN 10 AND 60',
] as const;

/** What the vault says of its tables, as one text. */
export async function answers(vault: Vault): Promise<string> {
  const tables = await vault.tables();
  if (tables.length === 0) return 'no table';
  const found: unknown[] = tables.map(({ table, rows }) => [table, rows]);
  for (const sql of QUERIES) found.push((await vault.query(sql)).rows);
  return JSON.stringify(found);
}

/** What the queries must answer of a table of these rows, worked out here. */
export function resultsOf(rows: readonly Visit[]): readonly unknown[] {
  const sum = (of: readonly (number | null)[]): string | null => {
    const numbers = of.filter((cell) => cell !== null);
    return numbers.length === 0 ? null : String(numbers.reduce((a, b) => a + b, 0));
  };
  const all = rows
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, patient, fee }) => [String(id), patient, fee === null ? null : String(fee)]);
  const groups = [...Map.groupBy(rows, ({ patient }) => patient)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([patient, of]) => [patient, String(of.length), sum(of.map(({ fee }) => fee))]);
  const some = rows.filter(({ fee }) => fee !== null && fee >= 10 && fee <= 60);
  const counted = [[String(some.length), sum(some.map(({ id }) => id))]];
  return [all, groups, counted];
}

/** What `answers` must say of a table of these rows. */
export function expected(rows: readonly Visit[], exists = true): string {
  if (!exists) return 'no table';
  return JSON.stringify([['visits', rows.length], ...resultsOf(rows)]);
}

/** `sealCheaply`, for vaults of the tests' own passphrase. */
export async function cheapen(vault: string, store?: string): Promise<void> {
  await sealCheaply(vault, PASSPHRASE, store);
}
