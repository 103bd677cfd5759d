import { join } from 'node:path';
import { openVault } from '../../src/client/open-vault.ts';
import type { Vault } from '../../src/client/api.ts';
import { SqliteFlights } from '../flights/sqlite.ts';
import { FILTERED, GROUPED, type Question, requireEqual } from '../queries/questions.ts';
import { buildProgram, makeTable, PASSPHRASE } from '../queries/table.ts';
import { cost, type Figure, type Line, type SuiteResult } from '../report.ts';
import { digits, spread, timed, type Spread } from '../samples.ts';
import { leafTimes, requestsTo } from './logs.ts';
import { type Running, startRedis, startServe, startWorker } from './processes.ts';
import { queueRates } from './queue.ts';

export interface ClusterOptions {
  readonly rows: number;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

/** Share of the gain of two threads in one process that two processes are to reach. */
const OF_THREADS = 0.85;
const WANTED = 1.6;
const FETCH = '/v1/fetch';
const KILLS = 3;

/**
 * A query on two worker processes against one, all over HTTP and Redis on this machine, and what a
 * killed worker costs.
 */
export async function clusterSuite(options: ClusterOptions): Promise<SuiteResult> {
  const { rows, rounds, progress } = options;
  buildProgram();
  await using table = await makeTable(rows, progress);
  const { folder } = table;
  const ask = await asking(folder);
  progress('  threads of one process');
  const threads = await overThreads(folder, ask, rounds);
  await using redis = await startRedis(folder);
  progress('  the queue alone');
  const queue = await queueRates(redis.url);
  progress('  worker processes');
  await using serve = await startServe(folder, redis.url);
  const worker = (): Promise<Running> => startWorker(folder, redis.url, serve.address);
  await using first = await worker();
  await using vault = await openVault(join(folder, 'vault'), {
    passphrase: PASSPHRASE,
    store: serve.address,
  });
  const times = async (question: Question): Promise<number[]> => {
    // The first brings segments to where they are wanted.
    for (let i = 0; i < 2; i++) await ask(vault, question);
    const samples: number[] = [];
    for (let i = 0; i < rounds; i++) samples.push(await ask(vault, question));
    return samples;
  };
  const one = { grouped: await times(GROUPED), filtered: await times(FILTERED) };
  const two = { grouped: [] as number[], filtered: [] as number[] };
  const killed: Kill[] = [];
  let moved = 0;
  let stats: unknown;
  const jobs = new Map<Question, number[]>([GROUPED, FILTERED].map((question) => [question, []]));
  /** Times of a question on both workers; of its jobs, when every segment is where it belongs. */
  const jobsOf = async (question: Question, second: Running): Promise<number[]> => {
    await ask(vault, question);
    const before = [first, second].map((worker) => leafTimes(worker).length);
    const found = await times(question);
    const ended = [first, second].flatMap((worker, w) => leafTimes(worker).slice(before[w]));
    jobs.get(question)!.push(...ended);
    return found;
  };
  for (let i = 0; i < KILLS; i++) {
    await using second = await worker();
    two.grouped.push(...(await jobsOf(GROUPED, second)));
    two.filtered.push(...(await jobsOf(FILTERED, second)));
    const fetches = requestsTo(serve, FETCH);
    stats = (await vault.query(GROUPED.sql)).stats;
    moved += requestsTo(serve, FETCH) - fetches;
    killed.push(await kill(vault, ask, second, Math.min(...one.grouped), Math.min(...two.grouped)));
    // Between two workers, one: a slow phase of the machine meets both.
    one.grouped.push(...(await times(GROUPED)));
    one.filtered.push(...(await times(FILTERED)));
  }
  const spreads = {
    'one thread': spread(threads.one),
    'two threads': spread(threads.two),
    'one worker process': spread(one.grouped),
    'two worker processes': spread(two.grouped),
  };
  const job = spread(jobs.get(GROUPED)!);
  return {
    lines: [workersLine(spreads, rows), movedLine(moved), killedLine(killed, job)],
    details: { rows, killed, queue, stats, unit: 'ms' },
    samples: {
      ...Object.fromEntries(
        Object.entries(spreads).map(([who, found]) => [`${GROUPED.name}, ${who} (ms)`, found]),
      ),
      [`${FILTERED.name}, one worker process (ms)`]: spread(one.filtered),
      [`${FILTERED.name}, two worker processes (ms)`]: spread(two.filtered),
      'a leaf job (ms)': job,
      'a filtered leaf job (ms)': spread(jobs.get(FILTERED)!),
    },
  };
}

type Ask = (vault: Vault, question: Question) => Promise<number>;

/** Asks a question, compares with SQLite's answer, says how long it took. */
async function asking(folder: string): Promise<Ask> {
  using sqlite = SqliteFlights.open(join(folder, 'flights.sqlite'));
  const wanted = new Map([GROUPED, FILTERED].map((q) => [q, sqlite.query(q.sql)]));
  return async (vault, question) => {
    const [{ rows }, ms] = await timed(() => vault.query(question.sql));
    requireEqual(question, rows, wanted.get(question)!);
    return ms;
  };
}

async function overThreads(
  folder: string,
  ask: Ask,
  rounds: number,
): Promise<{ one: number[]; two: number[] }> {
  const open = (threads: number): Promise<Vault> =>
    openVault(join(folder, 'vault'), { passphrase: PASSPHRASE, threads });
  await using one = await open(1);
  await using two = await open(2);
  for (let i = 0; i < 2; i++) for (const vault of [one, two]) await ask(vault, GROUPED);
  const samples = { one: [] as number[], two: [] as number[] };
  for (let i = 0; i < rounds; i++) {
    samples.one.push(await ask(one, GROUPED));
    samples.two.push(await ask(two, GROUPED));
  }
  return samples;
}

interface Kill {
  /** When the worker was killed, after the query began. */
  readonly after: number;
  readonly took: number;
  /** What was left to do then, by one worker that does nothing else. */
  readonly left: number;
  readonly cost: number;
}

/** Kill one of two workers a third into a query. */
async function kill(
  vault: Vault,
  ask: Ask,
  victim: Running,
  alone: number,
  together: number,
): Promise<Kill> {
  const after = together / 3;
  const query = ask(vault, GROUPED);
  await new Promise((resolve) => setTimeout(resolve, after));
  await victim.kill();
  const took = await query;
  const left = (1 - after / together) * alone;
  const figures = { after, took, left, cost: took - after - left };
  return Object.fromEntries(
    Object.entries(figures).map(([name, ms]) => [name, digits(ms, 4)]),
  ) as unknown as Kill;
}

function workersLine(found: Record<string, Spread>, rows: number): Line {
  const best = (who: string): number => found[who]!.p0;
  const gain = best('one thread') / best('two threads');
  const wanted = Math.min(WANTED, digits(OF_THREADS * gain, 3));
  const figure = (who: string): Figure => ({
    who,
    value: best(who),
    unit: 'ms',
    median: found[who]!.p50,
  });
  return cost({
    what: `${GROUPED.name}, ${rows} rows: two worker processes against one`,
    ours: figure('two worker processes'),
    peer: figure('one worker process'),
    wanted,
    note: `two threads of one process do ${digits(gain, 3)} times as much as one in this run; wanted is 1.6, or ${OF_THREADS * 100} % of that`,
  });
}

function movedLine(moved: number): Line {
  return {
    what: 'a warm repeat: parts of segments that workers ask the store for',
    ours: { who: `in ${KILLS} repeats, by the service’s log`, value: moved, unit: 'parts' },
    peer: { who: 'none', value: 0, unit: 'parts' },
    ratio: moved === 0 ? 1 : 0,
    wanted: 1,
    met: moved === 0,
  };
}

function killedLine(killed: readonly Kill[], job: Spread): Line {
  const costs = killed.map((one) => one.cost);
  const typical = spread(costs).p50;
  return cost({
    what: 'a worker killed a third into a query: longer than one worker takes for the rest',
    ours: {
      who: `the median of ${killed.length}: ${costs.join(', ')} ms`,
      value: Math.max(1, typical),
      unit: 'ms',
    },
    peer: { who: 'one job, the median', value: job.p50, unit: 'ms' },
    wanted: 1,
  });
}
