import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { toWire } from '../../errors/wire.ts';
import { decodeFragment } from '../../plan/fragment-codec.ts';
import type { Scratch } from '../../store/backend.ts';
import type { EvaluationPool } from '../pool.ts';
import { combineOutputs, evaluateLeaf, isMachineFailure, readAhead } from './evaluate-job.ts';
import { HeldJobs } from './held-jobs.ts';
import { type ClusterJob, type JobResult, parseJob, parseResult } from './jobs.ts';
import { OtherQueues } from './other-queues.ts';
import { type ClusterNames, clusterNames, patientConnection } from './queues.ts';
import { Registry, SIGN_OF_LIFE_MS } from './registry.ts';
import { RunningJobs } from './running-jobs.ts';

/** A job whose worker neither ends nor renews its lock for so long is given to another. */
const LOCK_MS = 2000;
const LOCK_RENEW_MS = 500;
const STALLED_CHECK_MS = 200;
/** Workers that may die under one job before the job itself is to blame. */
const MOST_STALLS = 5;
/** Jobs taken beyond what the pool can run: while one's output goes out, or its fragment comes in, the next runs. */
const AHEAD = 1;
/** How often ended jobs that nobody fetched are looked for. */
const TIDY_EVERY_MS = 15_000;

export interface ClusterWorkerOptions {
  readonly redis: string;
  readonly scratch: Scratch;
  readonly pool: EvaluationPool;
  /** Told of each job done, for logs. */
  readonly onJob?: (kind: ClusterJob['kind'], ms: number, ok: boolean) => void;
}

/**
 * Takes segment jobs from a cluster's queue: its own first, those anybody may take, those of workers
 * that are gone, and, when it has nothing to do, those that wait at others. Holds no secret.
 */
export class ClusterWorker implements AsyncDisposable {
  readonly id: string;
  private readonly options: ClusterWorkerOptions;
  private readonly redis: Redis;
  private readonly listener: Redis;
  private readonly names: ClusterNames;
  private readonly registry: Registry;
  private readonly others: OtherQueues;
  private readonly held: HeldJobs;
  private readonly workers: Worker[] = [];
  private readonly assisting = new Map<string, Worker>();
  private readonly running = new RunningJobs();
  private readonly timer: NodeJS.Timeout;
  private active = 0;
  private tending: Promise<void> | undefined;
  private tidied = 0;
  private closing = false;

  private constructor(options: ClusterWorkerOptions, names: ClusterNames) {
    this.id = randomId();
    this.options = options;
    this.names = names;
    this.redis = patientConnection(options.redis);
    this.listener = patientConnection(options.redis);
    this.registry = new Registry(this.redis, names);
    this.others = new OtherQueues(this.redis, names);
    this.held = new HeldJobs(this.redis, names);
    this.listener.on('message', (_, query) => this.running.callOff(query));
    this.timer = setInterval(() => {
      if (this.tending !== undefined || this.closing) return;
      this.tending = this.tend().finally(() => (this.tending = undefined));
    }, SIGN_OF_LIFE_MS);
  }

  static async start(options: ClusterWorkerOptions): Promise<ClusterWorker> {
    const names = clusterNames(await options.scratch.identity());
    const worker = new ClusterWorker(options, names);
    await worker.listener.subscribe(names.cancelled);
    await worker.registry.join(worker.id, worker.listener);
    worker.workers.push(
      worker.open(names.own(worker.id), options.pool.width + AHEAD),
      worker.open(names.shared, options.pool.width),
    );
    await Promise.all(worker.workers.map((one) => one.waitUntilReady()));
    return worker;
  }

  /** Ends after the jobs that run now. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.closing = true;
    clearInterval(this.timer);
    // Without Redis there is nobody to say goodbye to, and no job to end.
    const away = this.redis.status !== 'ready';
    if (!away) {
      await this.tending;
      await this.registry.leave(this.id).catch(() => undefined);
    }
    const all = [...this.workers, ...this.assisting.values()];
    await Promise.all(all.map((worker) => worker.close(away).catch(() => undefined)));
    await this.others.close();
    this.listener.disconnect();
    this.redis.disconnect();
    await this.options.pool[Symbol.asyncDispose]();
  }

  private open(queue: string, concurrency: number): Worker {
    const worker = new Worker(queue, (job: Job) => this.perform(job), {
      connection: this.redis,
      prefix: this.names.prefix,
      concurrency,
      lockDuration: LOCK_MS,
      lockRenewTime: LOCK_RENEW_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MOST_STALLS,
      drainDelay: 1,
      skipVersionCheck: true,
    });
    // A failed job is the coordinator's to hear of; a lost connection mends itself.
    worker.on('error', () => undefined);
    return worker;
  }

  private async perform(raw: Job): Promise<JobResult> {
    const started = performance.now();
    this.active++;
    this.held.take(this.id, raw);
    let kind: ClusterJob['kind'] = 'leaf';
    let ok = false;
    try {
      const job = parseJob(raw.data);
      kind = job.kind;
      const result = await this.running.run(job, (signal) => this.run(job, raw, signal));
      ok = !('error' in result);
      return result;
    } catch (error) {
      // Thrown, it is tried again; what the query itself is to blame for is a result like others.
      if (isMachineFailure(error)) throw error;
      return { error: toWire(error) };
    } finally {
      this.active--;
      this.held.drop(this.id, raw);
      this.options.onJob?.(kind, performance.now() - started, ok);
    }
  }

  private async run(job: ClusterJob, raw: Job, signal: AbortSignal): Promise<JobResult> {
    const { scratch, pool } = this.options;
    const { query, input, output } = job;
    if (Date.now() > job.until) throw new OpalineError('ABORTED', {});
    if (job.kind === 'leaf') {
      const fragment = await scratch.readScratch(query, input);
      await scratch.writeScratch(query, output, await evaluateLeaf(pool, fragment, signal));
      return { ok: output };
    }
    const children = Object.values(await raw.getChildrenValues()).map(parseResult);
    const outputs: string[] = [];
    for (const child of children) {
      if ('error' in child) return child;
      outputs.push(...('ok' in child ? [child.ok] : child.outputs));
    }
    if (outputs.length === 0) {
      throw new OpalineError('BYTES_INVALID', { what: 'a job', reason: 'it has no children' });
    }
    if (job.kind === 'root') return { outputs };
    const fragment = await scratch.readScratch(query, input);
    const partials = readAhead(outputs, (id) => scratch.readScratch(query, id));
    const sum = await combineOutputs(decodeFragment(fragment), partials, signal);
    await scratch.writeScratch(query, output, sum);
    return { ok: output };
  }

  /** Every so often: a sign of life, and a look at others' queues. */
  private async tend(): Promise<void> {
    try {
      await this.registry.signOfLife(this.id);
      const { present, gone } = await this.registry.members();
      for (const { worker, lingers } of gone) {
        if (!(await this.registry.adopt(worker, this.id))) continue;
        await this.held.free(worker);
        if ((await this.assist(worker, true)) || lingers) continue;
        await this.others.drop(worker);
        await this.registry.forget(worker);
      }
      const others = present.filter((worker) => worker !== this.id);
      if (this.active === 0 && others.length > 0) {
        await this.assist(others[Math.floor(performance.now()) % others.length]!, false);
      }
      this.others.keep([...present, ...gone.map(({ worker }) => worker)]);
      if (performance.now() - this.tidied < TIDY_EVERY_MS) return;
      this.tidied = performance.now();
      await this.others.tidyShared();
    } catch {
      // Redis is away: the next turn tries again.
    }
  }

  /** Take from another worker's queue while it has jobs waiting; true while there is something to do. */
  private async assist(other: string, gone: boolean): Promise<boolean> {
    const { waiting, active } = await this.others.load(other);
    const helper = this.assisting.get(other);
    // The jobs a dead worker was at count as active until they are found stalled.
    const wanted = waiting > 0 || (gone && active > 0);
    if (wanted && helper === undefined && !this.closing) {
      const concurrency = gone ? this.options.pool.width + AHEAD : 1;
      this.assisting.set(other, this.open(this.names.own(other), concurrency));
    } else if (!wanted && helper !== undefined && this.active === 0) {
      this.assisting.delete(other);
      await helper.close();
    }
    return wanted || this.assisting.has(other);
  }
}
