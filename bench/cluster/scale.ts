/**
 * `node bench/cluster/scale.ts [RESULTS]`: what a query would take on larger clusters, by simulation
 * with the figures of a run of `npm run bench -- cluster --json RESULTS`. The first lines simulate the
 * measured cluster itself: how far the model is to be believed.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { place } from '../../src/run/cluster/placement.ts';
import { digits } from '../samples.ts';
import { type Cluster, type Outcome, simulate } from './simulation.ts';

const SEGMENT_ROWS = 2 ** 18;
const SEEDS = [1, 2, 3, 4, 5];
/** Of a worker that has a few (run/cluster/plan.ts). */
const SEGMENTS_A_LEAF = 3;
const MB = 1e6;
/** 10 Gbit/s of each machine; an object store that serves a tenth of a thousand of them at once. */
const NETWORK = 10e9 / 8 / 1000;
const STORE = 100 * NETWORK;

interface Results {
  readonly cluster: {
    readonly details: {
      readonly rows: number;
      readonly queue: { readonly redisMicroseconds: number; readonly bytes: number };
      readonly stats: { readonly bytesUp: number; readonly bytesDown: number };
    };
    readonly samples: Readonly<Record<string, { readonly p50: number }>>;
  };
}

const file = process.argv[2] ?? fileURLToPath(new URL('../results/cluster.json', import.meta.url));
const { details, samples } = (JSON.parse(readFileSync(file, 'utf8')) as Results).cluster;
const measured = (name: string): number => {
  const found = Object.entries(samples).find(([key]) => key.includes(name));
  if (found === undefined) throw new Error(`${file} has no ${name}`);
  return found[1].p50;
};

const segments = Math.ceil(details.rows / SEGMENT_ROWS);
const grouped: Pick<Cluster, 'segmentMs' | 'partialBytes' | 'fragmentBytes'> = {
  // Alone on a thread: a leaf has several, and a worker has two leaves in hand.
  segmentMs: measured('one thread') / segments,
  partialBytes: details.stats.bytesDown,
  fragmentBytes: details.stats.bytesUp / segments,
};
/** One sum: one sample of three limbs and one count. */
const filtered: typeof grouped = {
  segmentMs: measured('a filtered leaf') / SEGMENTS_A_LEAF,
  partialBytes: 3 * 4096 * 4,
  fragmentBytes: 400,
};
const common = {
  spread: 0.15,
  slow: 0,
  queueMs: details.queue.redisMicroseconds / 1000,
  network: NETWORK,
  store: STORE,
  lookMs: 200,
  noticeMs: 300,
  deaths: 0,
};
/** Reading, adding and writing at about 1 GB/s. */
const addMs = (partialBytes: number): number => partialBytes / MB;

type Query = 'GROUP BY, 64 groups' | 'filtered SUM';
/** Segments are simulated so many at a time where there are more: placement is even, so little is lost. */
const MOST_UNITS = 60_000;
const clusterOf = (query: Query, more: Partial<Cluster>): Cluster => {
  const figures = query === 'filtered SUM' ? filtered : grouped;
  const { segments: count = segments } = more;
  const unit = Math.max(1, Math.ceil(count / MOST_UNITS));
  return {
    ...common,
    ...figures,
    addMs: addMs(figures.partialBytes),
    workers: 2,
    threads: 1,
    ...more,
    segments: Math.ceil(count / unit),
    segmentMs: unit * figures.segmentMs,
    fragmentBytes: unit * figures.fragmentBytes,
    columnBytes: unit * 24 * SEGMENT_ROWS,
  };
};

function line(what: string, cluster: Cluster): string {
  const outcomes = SEEDS.map((seed) => simulate(cluster, seed));
  const median = (of: (outcome: Outcome) => number): number =>
    outcomes.map(of).sort((a, b) => a - b)[SEEDS.length >> 1]!;
  const percent = (of: (outcome: Outcome) => number): string => `${Math.round(100 * median(of))} %`;
  const bytes = (of: (outcome: Outcome) => number): string => `${digits(median(of) / 1e9, 2)} GB`;
  return [
    what,
    `${digits(median(({ ms }) => ms) / 1000, 3)} s`,
    median(({ jobs }) => jobs),
    percent(({ workersBusy }) => workersBusy),
    percent(({ queueBusy }) => queueBusy),
    percent(({ storeBusy }) => storeBusy),
    bytes(({ fragmentBytes }) => fragmentBytes),
    bytes(({ partialBytes }) => partialBytes),
    bytes(({ moved }) => moved * cluster.columnBytes),
  ].join(' | ');
}

const rowsOf = (segmentCount: number): string =>
  `10^${Math.round(Math.log10(segmentCount * SEGMENT_ROWS))} rows`;

console.log(
  `| query | time | jobs | threads busy | queue busy | store busy | tokens up | partial sums | segments moved |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |`,
);
for (const workers of [1, 2]) {
  const real = measured(workers === 1 ? 'one worker process' : 'two worker processes');
  const what = `GROUP BY, ${details.rows} rows, ${workers} × 1 thread (measured: ${digits(real / 1000, 3)} s)`;
  console.log(`| ${line(what, clusterOf('GROUP BY, 64 groups', { workers }))} |`);
}
const THREADS = 16;
for (const [workers, count] of [
  [10, 38_147],
  [100, 381_470],
  [1000, 3_814_698],
] as const) {
  for (const query of ['filtered SUM', 'GROUP BY, 64 groups'] as const) {
    const cluster = clusterOf(query, { workers, segments: count, threads: THREADS });
    const what = `${query}, ${rowsOf(count)}, ${workers} × ${THREADS} threads`;
    console.log(`| ${line(what, cluster)} |`);
  }
}
const large = { workers: 1000, segments: 3_814_698, threads: THREADS };
for (const [what, more] of [
  ['1 % of workers three times as slow', { slow: 0.01 }],
  ['5 workers die', { deaths: 5 }],
] as const) {
  const cluster = clusterOf('GROUP BY, 64 groups', { ...large, ...more });
  console.log(`| ${line(`GROUP BY, 10^12 rows, ${what}`, cluster)} |`);
}

/** How long the program itself takes to place that many segments. */
const ids = Array.from({ length: 20_000 }, (_, i) => i.toString(16).padStart(32, '0'));
const names = Array.from({ length: 1000 }, (_, i) => `worker ${i}`);
const begun = performance.now();
place(ids, names);
const each = (performance.now() - begun) / ids.length;
console.log(
  `\nPlacing 3 814 698 segments on 1 000 workers: ${digits((each * 3_814_698) / 1000, 2)} s of one thread.`,
);
