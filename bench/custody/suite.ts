import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IngestReport, QueryStats, Vault } from '../../src/client/api.ts';
import { dealCustody } from '../../src/client/custody/deal.ts';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import { freePort } from '../free-port.ts';
import { cost, rate, timing, type Line, type SuiteResult } from '../report.ts';
import { digits, type Spread, spread, takeTurns, timed } from '../samples.ts';
import { arithmetic } from './arithmetic.ts';
import { type CustodianProcess, startCustodian } from './custodian-process.ts';

export interface CustodyOptions {
  readonly rows: number;
  /** At most `CITIES` less two: a sum is answered once. */
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

const PASSPHRASE = 'correct horse battery staple';
const CITIES = 50;
const [ONE_KEY, DIVIDED, CHECKED] = [
  'one key',
  'two of three custodians',
  'two of three custodians, verified',
] as const;
/** By who decrypts: a table of its own, and whether answers of it are verified. */
const WAYS = {
  [ONE_KEY]: { table: 'whole', custody: {}, verified: false },
  [DIVIDED]: { table: 'divided', custody: { custody: 'divided' }, verified: false },
  [CHECKED]: { table: 'checked', custody: { custody: 'divided', verified: true }, verified: true },
} as const;
type Way = keyof typeof WAYS;
const NAMES = Object.keys(WAYS) as Way[];

/** No goals: what a division may cost before something is wrong with it. */
const WANTED = { query: 0.02, ingest: 0.5 };

const schema = (way: Way): object => ({
  version: 1,
  table: WAYS[way].table,
  columns: {
    city: { type: 'text' },
    wage: { type: 'integer', range: [-1_000_000, 1_000_000] },
  },
  ...WAYS[way].custody,
});

const cityOf = (i: number): string => `city ${i % CITIES}`;
const wageOf = (i: number): number => ((i * 7919) % 200_001) - 100_000;

/**
 * What dividing a key costs: a filtered AVG under one key and under a divided one, by two of three custodians in processes
 * of their own on loopback, who evaluate each plan again, and verified by check columns; at first, when they bring and
 * verify the parts, and with parts at hand. The same rows in one vault, one thread each; each question is of a city that was not asked for before, since a
 * sum is answered once. Every answer is compared with the plain mean.
 */
export async function custodySuite({
  rows,
  rounds,
  progress,
}: CustodyOptions): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-custody-'));
  await using held = new AsyncDisposableStack();
  held.defer(() => rm(folder, { recursive: true, force: true }));
  progress('  arithmetic');
  const alone = await arithmetic(200);
  const { vault, start } = await makeDivided(folder, held);
  progress(`  encrypting ${rows} rows by each key`);
  const ingests = new Map<Way, IngestReport>();
  for (const way of NAMES) ingests.set(way, await vault.ingest(schema(way), wages(rows)));
  const custodians = await start();
  const means = meansOf(rows);
  const stats = new Map<Way, QueryStats>();
  const asked = new Map<Way, number>();
  const ask = async (way: Way): Promise<void> => {
    const city = cityOf(asked.get(way) ?? 0);
    asked.set(way, (asked.get(way) ?? 0) + 1);
    const { table, verified } = WAYS[way];
    const sql = `SELECT AVG(wage) FROM ${table} WHERE city = '${city}'`;
    const answer = await vault.query(sql, [], { verified });
    const found = Number(answer.rows[0]![0]);
    const isRight = Math.abs(found - means.get(city)!) < 1e-6;
    if (!isRight) throw new Error(`${way}: ${city} is ${found}`);
    stats.set(way, answer.stats);
  };
  progress('  the first query, and further ones');
  const first = new Map<Way, number>();
  for (const way of NAMES) first.set(way, (await timed(() => ask(way)))[1]);
  for (const way of NAMES) await ask(way);
  const before = custodians.map((one) => one.answered().length);
  const times = await takeTurns(
    NAMES.map((name) => ({ name, run: () => ask(name) })),
    rounds,
  );
  const atWork = custodians.flatMap((one, i) => one.answered().slice(before[i]));
  const further = new Map(NAMES.map((way) => [way, spread(times.get(way)!)]));
  const answering = spread(atWork);
  return {
    lines: [queryLine(further), ingestLine(ingests, rows)],
    table: [
      ...NAMES.map((way) => wayText(way, first.get(way)!, further.get(way)!, ingests.get(way)!)),
      `a custodian answers in ${ms(answering.p50)}, parts at hand`,
      `one sum: a partial decryption ${ms(alone.partial.p50)}, three put together ${ms(alone.fuse.p50)}`,
    ].join('\n'),
    details: {
      rows,
      ingests: Object.fromEntries(ingests),
      first: Object.fromEntries(first),
      stats: Object.fromEntries(stats),
    },
    samples: {
      ...Object.fromEntries([...further].map(([way, all]) => [`a filtered AVG, ${way} (ms)`, all])),
      'a custodian’s answer (ms)': answering,
      'a partial decryption (ms)': alone.partial,
      'three partial decryptions put together (ms)': alone.fuse,
    },
  };
}

/** A vault whose key is divided, and what starts its custodians. */
async function makeDivided(
  folder: string,
  held: AsyncDisposableStack,
): Promise<{ vault: Vault; start: () => Promise<CustodianProcess[]> }> {
  const path = join(folder, 'vault');
  const store = join(folder, 'store');
  const file = join(folder, 'passphrase');
  await (await createVault(path, { store, passphrase: PASSPHRASE, threads: 0 })).close();
  const ports = [await freePort(), await freePort(), await freePort()];
  const shares = await dealCustody(path, {
    passphrase: PASSPHRASE,
    threshold: 2,
    custodians: ports.map((port) => ({
      address: `http://127.0.0.1:${port}`,
      passphrase: PASSPHRASE,
    })),
    out: join(folder, 'shares'),
  });
  await writeFile(file, `${PASSPHRASE}\n`);
  const vault = held.use(await openVault(path, { passphrase: PASSPHRASE, threads: 0 }));
  const cache = join(folder, 'cache');
  const start = async (): Promise<CustodianProcess[]> => {
    const custodians: CustodianProcess[] = [];
    for (const [i, share] of shares.entries()) {
      const at = { share, passphrase: file, port: ports[i]!, store, cache };
      custodians.push(held.use(await startCustodian(at)));
    }
    return custodians;
  };
  return { vault, start };
}

function* wages(rows: number): Generator<{ city: string; wage: number }> {
  for (let i = 0; i < rows; i++) yield { city: cityOf(i), wage: wageOf(i) };
}

function meansOf(rows: number): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { city, wage } of wages(rows)) {
    const { sum, count } = sums.get(city) ?? { sum: 0, count: 0 };
    sums.set(city, { sum: sum + wage, count: count + 1 });
  }
  return new Map([...sums].map(([city, { sum, count }]) => [city, sum / count]));
}

function queryLine(further: ReadonlyMap<Way, Spread>): Line {
  return cost({
    what: 'a filtered AVG, parts at hand',
    ours: timing(DIVIDED, further.get(DIVIDED)!),
    peer: timing(ONE_KEY, further.get(ONE_KEY)!),
    wanted: WANTED.query,
  });
}

function ingestLine(ingests: ReadonlyMap<Way, IngestReport>, rows: number): Line {
  const side = (who: string, way: Way): Line['ours'] => ({
    who,
    value: rows / (ingests.get(way)!.ms / 1000),
    unit: 'rows/s',
  });
  return rate({
    what: 'ingest, one run of each',
    ours: side('by public key', DIVIDED),
    peer: side('by secret key', ONE_KEY),
    wanted: WANTED.ingest,
  });
}

function wayText(way: Way, first: number, further: Spread, ingest: IngestReport): string {
  const { ms: taken, bytesUp, rows } = ingest;
  return (
    `${way}: the first query ${ms(first)}, further ones ${ms(further.p50)}; ` +
    `ingest ${digits(taken / 1000, 3)} s, ${digits(bytesUp / rows, 3)} bytes a row`
  );
}

const ms = (value: number): string => `${digits(value, 3)} ms`;
