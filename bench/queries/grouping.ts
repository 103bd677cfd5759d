import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Vault } from '../../src/client/api.ts';
import { createVault } from '../../src/client/open-vault.ts';
import { AIRPORTS, flights } from '../flights/flights.ts';
import { cost, type Line } from '../report.ts';
import { digits, spread, takeTurns, timed, type Spread } from '../samples.ts';
import { PASSPHRASE } from './table.ts';

/** The four ways to make groups, on the same rows, and plaintext SQLite. */
export interface GroupingRun {
  readonly lines: readonly Line[];
  readonly details: object;
  readonly samples: Readonly<Record<string, Spread>>;
}

const GROUPS = 20;
const MANY_GROUPS = 5000;
const MANY_ROWS = 1_000_000;
const MANY_LIMIT_MS = 30_000;
const INTEGER = { type: 'integer' } as const;
const TABLES = {
  masked: {},
  hidden: { groupBy: { carrier: 'oblivious' } },
  together: { layout: { clustered: 'carrier' } },
} as const;
type TableName = keyof typeof TABLES;

/** Rows of a carrier, one of 20 of which some are busy, a route, one of 5,000, and a delay. */
function* carriers(rows: number): Generator<{ carrier: string; route: number; delay: number }> {
  let i = 0;
  for (const { origin, delay } of flights(rows)) {
    const carrier = `C${AIRPORTS.indexOf(origin) % GROUPS}`;
    yield { carrier, route: (i++ * 7919) % MANY_GROUPS, delay };
  }
}

function* only(
  rows: Iterable<{ carrier: string; route: number; delay: number }>,
  column: 'carrier' | 'route',
): Generator<object> {
  for (const row of rows) yield { [column]: row[column], delay: row.delay };
}

export async function groupingLines(
  folder: string,
  rows: number,
  rounds: number,
  progress: (text: string) => void,
): Promise<GroupingRun> {
  progress('  private, clustered and masked groups: ingest');
  const path = join(folder, 'groups-vault');
  const options = { passphrase: PASSPHRASE, threads: 2 };
  await using vault = await createVault(path, { ...options, store: join(folder, 'groups-store') });
  for (const [table, more] of Object.entries(TABLES)) {
    const columns = { carrier: { type: 'text' }, delay: INTEGER };
    await vault.ingest({ version: 1, table, columns, ...more }, only(carriers(rows), 'carrier'));
  }
  using sqlite = sqliteOf(rows);
  progress('  private, clustered and masked groups: queries');
  const whole = await compare(vault, sqlite, '', rounds);
  const filtered = await compare(vault, sqlite, 'WHERE delay > 10', rounds);
  const many = await manyGroups(vault, rounds, progress);
  const name = (where: string): string =>
    `GROUP BY, ${GROUPS} groups, SUM and COUNT${where}, ${rows} rows, two workers, through the API`;
  const pair = (
    what: string,
    of: Comparison,
    ours: TableName,
    peer: TableName | 'sqlite',
    note?: string,
  ): Line =>
    cost({
      what,
      ours: { who: `${ours}, warm`, value: of[ours].p0, unit: 'ms', median: of[ours].p50 },
      peer: { who: `${peer}, warm`, value: of[peer].p0, unit: 'ms', median: of[peer].p50 },
      wanted: 1,
      ...(note !== undefined && { note }),
    });
  return {
    lines: [
      pair(name(''), whole, 'hidden', 'masked'),
      pair(name(''), whole, 'hidden', 'sqlite'),
      pair(name(''), whole, 'together', 'masked'),
      pair(
        name(' of a filter’s rows'),
        filtered,
        'hidden',
        'masked',
        `node:sqlite, plaintext: ${digits(filtered.sqlite.p0, 3)} ms`,
      ),
      pair(name(' of a filter’s rows'), filtered, 'together', 'masked'),
      cost({
        what: `GROUP BY, ${MANY_GROUPS} groups, SUM and COUNT, ${MANY_ROWS} rows, two workers, through the API`,
        ours: {
          who: 'made in the vault',
          value: many.times.p0,
          unit: 'ms',
          median: many.times.p50,
        },
        peer: { who: 'limit', value: MANY_LIMIT_MS, unit: 'ms' },
        wanted: 1,
        note: `${digits(many.bytes / 1e6, 3)} MB moved; masks would move ${digits(many.masks / 1e6, 3)} MB`,
      }),
    ],
    details: { rows, groups: GROUPS, bytes: await bytesOf(vault), many: { bytes: many.bytes } },
    samples: {
      ...named(`${GROUPS} groups`, whole),
      ...named(`${GROUPS} groups, filtered`, filtered),
      [`${MANY_GROUPS} groups (ms)`]: many.times,
    },
  };
}

type Comparison = Readonly<Record<TableName | 'sqlite', Spread>>;

async function compare(
  vault: Vault,
  sqlite: DatabaseSync,
  where: string,
  rounds: number,
): Promise<Comparison> {
  const sql = (table: string): string =>
    `SELECT carrier, SUM(delay) AS sum, COUNT(*) AS count FROM ${table} ${where} GROUP BY carrier ORDER BY carrier`;
  const plain = sqlite.prepare(sql('carriers'));
  const wanted = JSON.stringify(plain.all().map((row) => Object.values(row).map(String)));
  const contenders: { name: string; run: () => unknown }[] = [
    { name: 'sqlite', run: () => plain.all() },
  ];
  for (const table of Object.keys(TABLES)) {
    const run = async (): Promise<void> => {
      const { rows } = await vault.query(sql(table));
      if (JSON.stringify(rows) !== wanted) throw new Error(`wrong answer of ${table}`);
    };
    contenders.push({ name: table, run });
  }
  await takeTurns(contenders, 2);
  const samples = await takeTurns(contenders, rounds);
  const of = (name: string): Spread => spread(samples.get(name) ?? []);
  return {
    sqlite: of('sqlite'),
    masked: of('masked'),
    hidden: of('hidden'),
    together: of('together'),
  };
}

async function manyGroups(
  vault: Vault,
  rounds: number,
  progress: (text: string) => void,
): Promise<{ times: Spread; bytes: number; masks: number }> {
  progress(`  ${MANY_GROUPS} groups: ingest`);
  const columns = { route: INTEGER, delay: INTEGER };
  await vault.ingest({ version: 1, table: 'many', columns }, only(carriers(MANY_ROWS), 'route'));
  progress(`  ${MANY_GROUPS} groups: queries`);
  const sql = 'SELECT route, SUM(delay), COUNT(*) FROM many GROUP BY route';
  const { groupings } = await vault.explain(sql);
  const times: number[] = [];
  let bytes = 0;
  for (let i = 0; i < rounds; i++) {
    const [{ rows, stats }, ms] = await timed(() => vault.query(sql));
    if (rows.length !== MANY_GROUPS) throw new Error('groups are missing');
    times.push(ms);
    bytes = stats.bytesDown + stats.bytesUp;
  }
  const masks = groupings.find(({ way }) => way === 'masks')!.bytes;
  return { times: spread(times), bytes, masks };
}

async function bytesOf(vault: Vault): Promise<object> {
  const tables = await vault.tables();
  return Object.fromEntries(
    tables.map(({ table, rows, atRest, ciphertextColumns }) => [
      table,
      { ciphertextColumns, bytesARow: digits(atRest.column / rows, 4) },
    ]),
  );
}

function sqliteOf(rows: number): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE carriers (carrier TEXT, delay INTEGER)');
  const insert = db.prepare('INSERT INTO carriers VALUES (?, ?)');
  db.exec('BEGIN');
  for (const { carrier, delay } of carriers(rows)) insert.run(carrier, delay);
  db.exec('COMMIT');
  return db;
}

function named(what: string, of: Comparison): Record<string, Spread> {
  return Object.fromEntries(Object.entries(of).map(([who, one]) => [`${what}, ${who} (ms)`, one]));
}
