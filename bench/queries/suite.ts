import { join } from 'node:path';
import { openVault } from '../../src/client/open-vault.ts';
import type { Vault } from '../../src/client/api.ts';
import type { ChildRun } from '../child.ts';
import { SqliteFlights } from '../flights/sqlite.ts';
import { columnBytes, type ColumnBytes } from '../flights/store-bytes.ts';
import { twoThreads } from '../micro/two-threads.ts';
import { cost, type Figure, type Line, type SuiteResult } from '../report.ts';
import { digits, spread, takeTurns, timed, type Spread } from '../samples.ts';
import { groupingLines } from './grouping.ts';
import { memoryLine, queryMemory } from './memory.ts';
import { duckdbPeers } from '../peers/duckdb.ts';
import { paillierPeer } from '../peers/paillier.ts';
import { columnsOf, PEER_QUERIES, type PeerQuery, type PeerResult } from '../peers/peer.ts';
import { sealPeer } from '../peers/seal.ts';
import { peersText } from '../peers/table.ts';
import { flights } from '../flights/flights.ts';
import { FILTERED, GROUPED, PRODUCT, requireEqual, type Question } from './questions.ts';
import { buildProgram, makeSmallTable, makeTable, opaline, PASSPHRASE } from './table.ts';

export interface QueriesOptions {
  readonly rows: number;
  /** Of each query, after one that is cold and one to warm up. */
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

const SMALL_ROWS = 244;
const COLD_LIMIT_MS = 1200;
const INGEST_LIMIT_MB = 1500;
const WORKERS_WANTED = 1.7;
/** Of what two threads read of memory: sums are bound by it. */
const OF_BANDWIDTH = 0.85;

/** A table through the public API and the command line against node:sqlite on the same rows. */
export async function queriesSuite(options: QueriesOptions): Promise<SuiteResult> {
  const { rows, rounds, progress } = options;
  buildProgram();
  await using table = await makeTable(rows, progress);
  const bytes = await columnBytes(join(table.folder, 'store'));
  progress('  queries');
  const filtered = await compare(FILTERED, table.folder, rounds);
  const grouped = await compare(GROUPED, table.folder, rounds);
  const groups = await groupingLines(table.folder, rows, rounds, progress);
  const product = await compare(PRODUCT, table.folder, rounds);
  progress('  peers');
  const peers = await allPeers({ filtered, grouped, product }, table.folder, rows, rounds);
  progress('  memory');
  const memory = await queryMemory(table.folder, rows, 2);
  progress('  cold queries of a small table');
  const cold = await coldQuery(table.folder, 3 * rounds);
  const { bandwidth } = await twoThreads(2 * rounds);
  return {
    lines: [
      filteredLine(filtered, rows),
      groupedLine(grouped, rows),
      ...groups.lines,
      workersLine(grouped, bandwidth.two.p100 / bandwidth.one.p100),
      coldLine(cold),
      memoryLine(memory),
      ...ingestLines(table.ingest, bytes, rows),
    ],
    table: peersText(peers),
    details: {
      rows,
      peers,
      cold: { filtered: filtered.cold, grouped: grouped.cold, unit: 'ms, first query of a vault' },
      memory,
      groups: groups.details,
      ingest: { ...bytes, ms: table.ingest.ms, rowsPerSecond: (1000 * rows) / table.ingest.ms },
    },
    samples: {
      ...named(FILTERED, filtered),
      ...named(GROUPED, grouped),
      ...groups.samples,
      ...named(PRODUCT, product),
      'cold opaline query, whole process (ms)': cold,
      'memory read, 1 thread (bytes a second)': bandwidth.one,
      'memory read, 2 threads (bytes a second)': bandwidth.two,
    },
  };
}

const CONTENDERS = ['sqlite', 'one worker', 'two workers'] as const;
type ContenderName = (typeof CONTENDERS)[number];

/** Milliseconds of one question. */
interface Comparison {
  readonly warm: Readonly<Record<ContenderName, Spread>>;
  /** The first query of a vault or database just opened; the files are in the system's cache. */
  readonly cold: Readonly<Record<ContenderName, number>>;
}

async function compare(question: Question, folder: string, rounds: number): Promise<Comparison> {
  const open = (threads: number): Promise<Vault> =>
    openVault(join(folder, 'vault'), { passphrase: PASSPHRASE, threads });
  using sqlite = SqliteFlights.open(join(folder, 'flights.sqlite'));
  await using one = await open(1);
  await using two = await open(2);
  const plain = (): ReturnType<SqliteFlights['query']> => sqlite.query(question.sql);
  const [wanted, sqliteCold] = await timed(plain);
  const first = async (vault: Vault): Promise<number> => {
    const [{ rows }, ms] = await timed(() => vault.query(question.sql));
    requireEqual(question, rows, wanted);
    return digits(ms, 4);
  };
  const cold = {
    sqlite: digits(sqliteCold, 4),
    'one worker': await first(one),
    'two workers': await first(two),
  };
  const contenders = [
    { name: 'sqlite', run: plain },
    { name: 'one worker', run: () => one.query(question.sql) },
    { name: 'two workers', run: () => two.query(question.sql) },
  ];
  await takeTurns(contenders, 1);
  const samples = await takeTurns(contenders, rounds);
  const of = (name: ContenderName): Spread => spread(samples.get(name) ?? []);
  return {
    warm: {
      sqlite: of('sqlite'),
      'one worker': of('one worker'),
      'two workers': of('two workers'),
    },
    cold,
  };
}

/** The same queries on the same rows, answered in other ways. */
async function allPeers(
  found: Readonly<Record<PeerQuery, Comparison>>,
  folder: string,
  rows: number,
  rounds: number,
): Promise<PeerResult[]> {
  const best = (who: ContenderName): Record<PeerQuery, number> =>
    Object.fromEntries(PEER_QUERIES.map((query) => [query, found[query].warm[who].p0])) as Record<
      PeerQuery,
      number
    >;
  const ours = {
    security: 'values, and which rows but for what EXPLAIN says, from the store',
    // delay, distance and their product; indexes and records apart.
    bytesPerRow: 3 * 24,
    measuredRows: {},
  };
  const columns = columnsOf(flights(rows), rows);
  const sql = { filtered: FILTERED.sql, grouped: GROUPED.sql, product: PRODUCT.sql };
  return [
    { peer: 'Opaline, 1 worker', ...ours, ms: best('one worker') },
    { peer: 'Opaline, 2 workers', ...ours, ms: best('two workers') },
    await sealPeer(columns),
    await paillierPeer(columns),
    {
      peer: 'node:sqlite',
      security: 'none: plaintext',
      bytesPerRow: 12,
      ms: best('sqlite'),
      measuredRows: {},
    },
    ...(await duckdbPeers(join(folder, 'flights.csv'), sql, rounds)),
  ];
}

function named({ name }: Question, { warm }: Comparison): Record<string, Spread> {
  return Object.fromEntries(CONTENDERS.map((who) => [`${name}, ${who} (ms)`, warm[who]]));
}

/** The whole command, from before the process is made until it has ended. */
async function coldQuery(folder: string, runs: number): Promise<Spread> {
  await makeSmallTable(folder, SMALL_ROWS);
  const sql = `SELECT origin, AVG(delay) FROM flights WHERE distance > 500 GROUP BY origin`;
  const samples: number[] = [];
  for (let i = 0; i < runs; i++) {
    samples.push((await opaline(folder, 'query', 'small-vault', sql)).ms);
  }
  return spread(samples);
}

const time = (who: string, { p0, p50 }: Spread): Figure => ({
  who,
  value: p0,
  unit: 'ms',
  median: p50,
});

function filteredLine({ warm, cold }: Comparison, rows: number): Line {
  return cost({
    what: `${FILTERED.name}, ${rows} rows, through the API`,
    ours: time('one worker, warm', warm['one worker']),
    peer: time('node:sqlite, plaintext, warm', warm.sqlite),
    wanted: 1,
    note: `two workers: ${digits(warm['two workers'].p0, 3)} ms; ${coldText(cold)}`,
  });
}

function groupedLine({ warm, cold }: Comparison, rows: number): Line {
  return cost({
    what: `${GROUPED.name}, ${rows} rows, with masks, through the API`,
    ours: time('two workers, warm', warm['two workers']),
    peer: time('node:sqlite, plaintext, warm', warm.sqlite),
    wanted: 0.5,
    note: coldText(cold),
  });
}

function coldText(cold: Comparison['cold']): string {
  return `first query after opening: ${cold['one worker']} ms with one worker, ${cold['two workers']} with two, SQLite ${cold.sqlite}`;
}

/** @param bandwidth what two threads read of memory, as a multiple of one */
function workersLine({ warm }: Comparison, bandwidth: number): Line {
  return cost({
    what: `two workers against one: ${GROUPED.name}`,
    ours: time('two workers', warm['two workers']),
    peer: time('one worker', warm['one worker']),
    wanted: Math.min(WORKERS_WANTED, digits(OF_BANDWIDTH * bandwidth, 3)),
    note: `two threads read ${digits(bandwidth, 3)} times as much memory as one in this run; wanted is ${WORKERS_WANTED}, or ${OF_BANDWIDTH * 100} % of that`,
  });
}

function coldLine(cold: Spread): Line {
  return cost({
    what: `cold opaline query, ${SMALL_ROWS} rows, process start included`,
    ours: time('the built program, passphrase from the environment', cold),
    peer: { who: 'limit', value: COLD_LIMIT_MS, unit: 'ms' },
    wanted: 1,
  });
}

function ingestLines(run: ChildRun, bytes: ColumnBytes, rows: number): Line[] {
  const limit = (value: number, unit: string): Figure => ({ who: 'limit', value, unit });
  const each = `a row and ciphertext column (${bytes.columns} columns)`;
  return [
    cost({
      what: `opaline ingest of ${rows} rows of CSV: peak memory of all threads`,
      ours: {
        who: `${Math.round((1000 * rows) / run.ms)} rows/s, ${(run.ms / 1000).toFixed(1)} s`,
        value: run.peakBytes / 1e6,
        unit: 'MB',
      },
      peer: limit(INGEST_LIMIT_MB, 'MB'),
      wanted: 1,
    }),
    cost({
      what: 'bytes on the wire',
      ours: { who: each, value: bytes.wire, unit: 'B' },
      peer: limit(11, 'B'),
      wanted: 1,
    }),
    cost({
      what: 'bytes at rest',
      ours: { who: each, value: bytes.atRest, unit: 'B' },
      peer: limit(24.1, 'B'),
      wanted: 1,
    }),
  ];
}
