/**
 * A query on a cluster, event by event: placement and planning are the program's own, times are
 * measured figures (scale.ts). Times in milliseconds, sizes in bytes.
 */
import type { Fragment } from '../../src/plan/fragment.ts';
import { planJobs, type PlannedJob } from '../../src/run/cluster/plan.ts';
import { Events } from './events.ts';

export interface Cluster {
  readonly workers: number;
  readonly segments: number;
  /** Evaluation threads of a worker. */
  readonly threads: number;
  /** Of one segment on one thread, and how much single jobs stray from it (sigma of its logarithm). */
  readonly segmentMs: number;
  readonly spread: number;
  /** Of workers, those that are three times as slow throughout. */
  readonly slow: number;
  /** What Redis, which does one thing at a time, spends on a job from being added to its end. */
  readonly queueMs: number;
  /** Of one partial result, and of one segment's share of a fragment. */
  readonly partialBytes: number;
  readonly fragmentBytes: number;
  /** Adding one partial result to another. */
  readonly addMs: number;
  /** Bytes a millisecond of a worker's network, and of the store that partial results go through. */
  readonly network: number;
  readonly store: number;
  /** Until an idle worker looks at others' queues, and until a dead one is noticed. */
  readonly lookMs: number;
  readonly noticeMs: number;
  /** Workers that die at a random moment of the query. */
  readonly deaths: number;
  /** Of a segment's columns, which a worker that did not have them brings from the store. */
  readonly columnBytes: number;
}

export interface Outcome {
  readonly ms: number;
  readonly jobs: number;
  /** Of the time, what Redis and the store's network were busy, and workers' threads. */
  readonly queueBusy: number;
  readonly storeBusy: number;
  readonly workersBusy: number;
  readonly fragmentBytes: number;
  readonly partialBytes: number;
  /** Segments brought to a worker that did not have them. */
  readonly moved: number;
}

interface Job {
  readonly planned: PlannedJob;
  readonly parent: Job | undefined;
  waiting: number;
  done: boolean;
}

/** Numbers in [0, 1) from a seed: mulberry32. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function simulate(cluster: Cluster, seed: number): Outcome {
  const next = random(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const events = new Events();
  const names = Array.from({ length: cluster.workers }, (_, i) => `worker ${i} of ${seed}`);
  const numberOf = new Map(names.map((name, i) => [name, i]));
  const speed = names.map(() => (next() < cluster.slow ? 3 : 1));
  const alive = names.map(() => true);
  const queues: Job[][] = names.map(() => []);
  const shared: Job[] = [];
  // A job's segments share all threads of its worker, so one job at a time is as good as many.
  const idle = names.map(() => true);
  const looking = names.map(() => false);
  const busy = { queue: 0, store: 0, workers: 0 };
  const free = { queue: 0, store: 0 };
  let [jobs, fragments, partials, moved] = [0, 0, 0, 0];

  /** When something that is served one after another, as a queue does, has been served. */
  const served = (what: 'queue' | 'store', ms: number): number => {
    free[what] = Math.max(free[what], events.now) + ms;
    busy[what] += ms;
    return free[what];
  };
  const transfer = (bytes: number, then: () => void): void => {
    const through = served('store', bytes / cluster.store);
    events.at(Math.max(through, events.now + bytes / cluster.network), then);
  };
  const segmentsOf = (job: Job): number =>
    job.planned.kind === 'leaf' ? job.planned.fragment.segments.length : 0;

  const perform = (worker: number, job: Job, stolen: boolean): void => {
    idle[worker] = false;
    const begun = events.now;
    const count = segmentsOf(job);
    const factor = speed[worker]! * Math.exp(cluster.spread * normal());
    const end = (): void => {
      busy.workers += events.now - begun;
      idle[worker] = true;
      if (!alive[worker]) {
        // Lost with its worker; whoever adopts the queue has it again.
        events.after(cluster.noticeMs, () => {
          queues[worker]!.unshift(job);
          adopt(worker);
        });
        return;
      }
      events.at(served('queue', cluster.queueMs / 2), () => {
        finish(job);
        look(worker);
      });
    };
    if (count > 0) {
      if (stolen) moved += count;
      const bring = cluster.fragmentBytes * count + (stolen ? cluster.columnBytes * count : 0);
      fragments += cluster.fragmentBytes * count;
      transfer(bring, () =>
        events.after((count * cluster.segmentMs * factor) / cluster.threads, () => {
          partials += cluster.partialBytes;
          transfer(cluster.partialBytes, end);
        }),
      );
    } else {
      const children = job.planned.kind === 'node' ? job.planned.children.length : 0;
      partials += cluster.partialBytes * (children + 1);
      transfer(cluster.partialBytes * (children + 1), () =>
        events.after(children * cluster.addMs * factor, end),
      );
    }
  };
  const take = (worker: number): boolean => {
    if (!alive[worker] || !idle[worker]) return false;
    const job = shared.shift() ?? queues[worker]!.shift();
    if (job === undefined) return false;
    perform(worker, job, false);
    return true;
  };
  const look = (worker: number): void => {
    if (take(worker) || root.done || looking[worker] || !alive[worker] || !idle[worker]) return;
    // Nothing of its own: after a moment it looks at another's queue.
    looking[worker] = true;
    events.after(cluster.lookMs, () => {
      looking[worker] = false;
      if (!alive[worker] || !idle[worker]) return;
      const other = Math.floor(next() * cluster.workers);
      const job = shared.length === 0 && queues[worker]!.length === 0 && queues[other]!.pop();
      if (job) perform(worker, job, true);
      else look(worker);
    });
  };
  const adopt = (dead: number): void => {
    const heirs = names.map((_, i) => i).filter((i) => alive[i]);
    const heir = heirs[Math.floor(next() * heirs.length)]!;
    queues[heir]!.push(...queues[dead]!.splice(0));
    look(heir);
  };
  const finish = (job: Job): void => {
    job.done = true;
    const { parent } = job;
    if (parent === undefined || --parent.waiting > 0) return;
    shared.push(parent);
    const waiting = names.findIndex((_, i) => alive[i] && idle[i]);
    if (waiting >= 0) look(waiting);
  };

  const plan = planJobs(fragmentOf(cluster.segments), names);
  const add = (planned: PlannedJob, parent: Job | undefined): Job => {
    const job: Job = { planned, parent, waiting: 0, done: false };
    jobs++;
    if (planned.kind === 'node') {
      job.waiting = planned.children.length;
      for (const child of planned.children) add(child, job);
      served('queue', cluster.queueMs / 2);
      return job;
    }
    const worker = numberOf.get(planned.worker)!;
    events.at(served('queue', cluster.queueMs / 2), () => {
      queues[worker]!.push(job);
      look(worker);
    });
    return job;
  };
  const root = add(plan, undefined);
  const alone = (cluster.segments / cluster.workers) * cluster.segmentMs;
  for (let i = 0; i < cluster.deaths; i++) {
    const dead = Math.floor(next() * cluster.workers);
    events.at(next() * (alone / cluster.threads), () => {
      alive[dead] = false;
      events.after(cluster.noticeMs, () => adopt(dead));
    });
  }
  const ms = events.run(() => root.done);
  return {
    ms,
    jobs,
    queueBusy: busy.queue / ms,
    storeBusy: busy.store / ms,
    workersBusy: busy.workers / (ms * cluster.workers),
    fragmentBytes: fragments,
    partialBytes: partials,
    moved,
  };
}

function fragmentOf(segments: number): Fragment {
  const bare = { nodes: [], filter: 0, groups: [], counts: [], sums: [], tallies: [], members: [] };
  return {
    version: 1,
    table: '0'.repeat(32),
    epoch: 1,
    work: { kind: 'aggregate', outputs: [], counts: 1, tallies: 0, maxGroups: 1 },
    segments: Array.from({ length: segments }, (_, i) => ({
      ...bare,
      segment: i.toString(16).padStart(32, '0'),
    })),
  };
}
