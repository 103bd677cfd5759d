import { FlowProducer, type FlowJob } from 'bullmq';
import type { Redis } from 'ioredis';
import { randomId } from '../../bytes/random.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { fromWire } from '../../errors/wire.ts';
import type { Fragment } from '../../plan/fragment.ts';
import {
  decodeFragment,
  decodeRowsReply,
  encodeAggregateReply,
  encodeFragment,
  encodeRowsReply,
} from '../../plan/fragment-codec.ts';
import type { Scratch } from '../../store/backend.ts';
import type {
  CallOptions,
  FetchRequest,
  PartUpload,
  SearchRequest,
  StoredPart,
  StoreLink,
} from '../../store/link.ts';
import { Combiner } from '../evaluate/combine.ts';
import type { Rings } from '../evaluate/rings.ts';
import { limitRows } from '../limit-rows.ts';
import { combineOutputs, partialsOf, readAhead } from './evaluate-job.ts';
import { JobEnds } from './job-ends.ts';
import { type ClusterJob, parseResult } from './jobs.ts';
import { planJobs, type PlannedJob } from './plan.ts';
import {
  checkRedis,
  type ClusterNames,
  clusterNames,
  hastyConnection,
  queueAway,
  untilReady,
} from './queues.ts';
import { Registry } from './registry.ts';

export interface ClusterLinkOptions {
  readonly redis: string;
  /** Everything but aggregation, which workers do. */
  readonly inner: StoreLink;
  readonly scratch: Scratch;
  /** For switching the sums down at the end. */
  readonly rings: Rings;
  /** A query that takes longer is given up. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 10 * 60_000;
const CONNECT_WITHIN_MS = 2000;
/** Workers that lost Redis come back within a few signs of life. */
const WORKERS_WITHIN_MS = 1500;
/** A query that no worker is left for is given up after this long. */
const NOBODY_FOR_MS = 3000;
/** A job is tried this often; each failure is a machine's, since a query's own are results. */
const ATTEMPTS = 3;

const NEVER: AbortSignal = new AbortController().signal;

/** What all jobs of a query share. */
type Common = Pick<ClusterJob, 'query' | 'until' | 'input'>;

/**
 * A store whose queries run on other machines: a fragment becomes a flow of jobs, a segment's share to
 * the worker that has it in memory, partial results added up in a tree. Redis holds ids of blobs;
 * fragments and partial results travel through the store.
 */
export class ClusterLink implements StoreLink {
  readonly address: string;
  private readonly options: ClusterLinkOptions;
  private readonly names: ClusterNames;
  private readonly redis: Redis;
  private readonly registry: Registry;
  private readonly ends: JobEnds;
  private readonly flows: FlowProducer;

  private constructor(options: ClusterLinkOptions, names: ClusterNames) {
    this.options = options;
    this.address = options.inner.address;
    this.names = names;
    this.redis = hastyConnection(checkRedis(options.redis));
    this.registry = new Registry(this.redis, names);
    this.ends = new JobEnds(this.redis, options.redis, names);
    this.flows = new FlowProducer({
      connection: this.redis,
      prefix: names.prefix,
      skipVersionCheck: true,
    });
    this.flows.on('error', () => undefined);
  }

  static async open(options: ClusterLinkOptions): Promise<ClusterLink> {
    return new ClusterLink(options, clusterNames(await options.scratch.identity()));
  }

  /**
   * @throws WORKER_FAILED, which is worth another try, when no worker or no queue is there, or they go
   * while the query runs; what evaluation refuses
   */
  async aggregate(bytes: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    const fragment = decodeFragment(bytes);
    if (fragment.segments.length === 0) return await this.options.inner.aggregate(bytes, options);
    if (options.signal?.aborted) throw new OpalineError('ABORTED', {});
    const { scratch } = this.options;
    const query = randomId();
    try {
      await scratch.openScratch(query);
      const workers = await this.presentWorkers();
      const ids = await this.run(fragment, query, workers, options.signal);
      const outputs = readAhead(ids, (id) => scratch.readScratch(query, id));
      return await this.finish(fragment, outputs, options.signal);
    } catch (error) {
      if (options.signal?.aborted) throw new OpalineError('ABORTED', {});
      // What is not ours comes from the queue's client: Redis is away, or went away.
      throw isOpalineError(error) ? error : queueAway();
    } finally {
      await scratch.closeScratch(query).catch(() => undefined);
    }
  }

  private async presentWorkers(): Promise<readonly string[]> {
    await untilReady(this.redis, CONNECT_WITHIN_MS);
    const since = performance.now();
    for (;;) {
      const { present } = await this.registry.members();
      if (present.length > 0) return present;
      if (performance.now() - since > WORKERS_WITHIN_MS) {
        throw new OpalineError('WORKER_FAILED', {
          reason: 'no worker is connected to the cluster',
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Runs the jobs of a query; resolves to the ids of the last outputs, which are not added up yet. */
  private async run(
    fragment: Fragment,
    query: string,
    workers: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    const deadline = this.options.deadlineMs ?? DEADLINE_MS;
    const common = { query, until: Date.now() + deadline, input: randomId() };
    const { input } = common;
    // A node needs to know what is added up, not over which rows.
    const bare = encodeFragment({ ...fragment, segments: [] });
    await this.options.scratch.writeScratch(query, input, bare);
    const tree = await this.flowOf(planJobs(fragment, workers), common);
    const { job } = await this.flows.add(tree);
    const id = job.id!;
    try {
      const outcome = parseResult(await this.ended(id, deadline, signal));
      if ('error' in outcome) throw failureOf(fromWire(outcome.error));
      await this.ends.remove(id).catch(() => undefined);
      return 'ok' in outcome ? [outcome.ok] : outcome.outputs;
    } catch (error) {
      await this.redis.publish(this.names.cancelled, query).catch(() => undefined);
      await this.ends.remove(id).catch(() => undefined);
      throw error;
    }
  }

  /** What a job returned, unless the query is called off, takes too long, or loses queue or workers. */
  private async ended(
    id: string,
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const over = new AbortController();
    const aborted = (): void => over.abort(new OpalineError('ABORTED', {}));
    const lost = (): void => over.abort(queueAway());
    const late = setTimeout(() => over.abort(tookTooLong()), deadlineMs);
    signal?.addEventListener('abort', aborted);
    this.redis.on('close', lost);
    let seen = performance.now();
    try {
      if (signal?.aborted) aborted();
      return await this.ends.of(id, over.signal, async () => {
        if ((await this.registry.members()).present.length > 0) seen = performance.now();
        if (performance.now() - seen < NOBODY_FOR_MS) return;
        throw new OpalineError('WORKER_FAILED', { reason: 'the cluster’s workers have gone' });
      });
    } finally {
      clearTimeout(late);
      signal?.removeEventListener('abort', aborted);
      this.redis.off('close', lost);
    }
  }

  /** The flow of a tree of jobs; leaves' fragments are written to the scratch on the way. */
  private async flowOf(planned: PlannedJob, common: Common, root = true): Promise<FlowJob> {
    const opts = {
      attempts: ATTEMPTS,
      // The root waits for us to read it; workers remove it when we do not.
      removeOnComplete: !root,
      removeOnFail: !root,
      failParentOnFailure: true,
      stackTraceLimit: 0,
    };
    const output = randomId();
    if (planned.kind === 'node') {
      const children: FlowJob[] = [];
      for (const child of planned.children) {
        children.push(await this.flowOf(child, common, false));
      }
      const kind = root ? 'root' : 'node';
      const data: ClusterJob = { version: 1, kind, ...common, output };
      return { name: kind, queueName: this.names.shared, data, opts, children };
    }
    const input = randomId();
    const share = encodeFragment(planned.fragment);
    await this.options.scratch.writeScratch(common.query, input, share);
    const data: ClusterJob = { version: 1, kind: 'leaf', ...common, input, output };
    return { name: 'leaf', queueName: this.names.own(planned.worker), data, opts };
  }

  private async finish(
    fragment: Fragment,
    outputs: AsyncIterable<Uint8Array>,
    signal: AbortSignal = NEVER,
  ): Promise<Uint8Array> {
    const { work } = fragment;
    if (work.kind === 'aggregate') {
      const combiner = new Combiner(this.options.rings, work);
      for await (const groups of partialsOf(work, outputs, signal)) combiner.add(groups);
      return encodeAggregateReply(combiner.finish());
    }
    const output = await combineOutputs(fragment, outputs, signal);
    if (work.kind === 'members') return output;
    const found = new Map(
      decodeRowsReply(output).segments.map(({ segment, rows }) => [segment, rows]),
    );
    const segments = fragment.segments.map(({ segment }) => ({
      segment,
      rows: found.get(segment) ?? new Uint32Array(0),
    }));
    return encodeRowsReply({ segments: limitRows(segments, work.limit) });
  }

  tables(): Promise<readonly string[]> {
    return this.options.inner.tables();
  }

  head(table: string): Promise<Uint8Array | undefined> {
    return this.options.inner.head(table);
  }

  put(part: PartUpload, options?: CallOptions): Promise<void> {
    return this.options.inner.put(part, options);
  }

  publish(
    table: string,
    expectedEpoch: number,
    manifest: Uint8Array,
    options?: CallOptions,
  ): Promise<void> {
    return this.options.inner.publish(table, expectedEpoch, manifest, options);
  }

  parts(table: string): Promise<readonly StoredPart[]> {
    return this.options.inner.parts(table);
  }

  remove(table: string, parts: readonly string[], options?: CallOptions): Promise<void> {
    return this.options.inner.remove(table, parts, options);
  }

  search(
    request: SearchRequest,
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    return this.options.inner.search(request, options);
  }

  fetch(request: FetchRequest, options?: CallOptions): Promise<readonly Uint8Array[]> {
    return this.options.inner.fetch(request, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ends[Symbol.asyncDispose]();
    await this.flows.close().catch(() => undefined);
    this.redis.disconnect();
    await this.options.inner[Symbol.asyncDispose]();
  }
}

/** A worker gives a job up when its time is over: it may be the first to notice. */
function failureOf(error: OpalineError): OpalineError {
  return error.code === 'ABORTED' ? tookTooLong() : error;
}

function tookTooLong(): OpalineError {
  return new OpalineError('WORKER_FAILED', { reason: 'the query took longer than it may' });
}
