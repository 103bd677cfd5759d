import { FlowProducer, type FlowJob, QueueEvents } from 'bullmq';
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
import type { Ring } from '../../ring/ring.ts';
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
import { decodePartial } from '../evaluate/partial-codec.ts';
import { limitRows } from '../limit-rows.ts';
import { type ClusterJob, parseResult } from './jobs.ts';
import { planJobs, type PlannedJob } from './plan.ts';
import {
  checkRedis,
  type ClusterNames,
  clusterNames,
  hastyConnection,
  patientConnection,
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
  readonly ring: Ring;
  /** A query that takes longer is given up. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 10 * 60_000;
const CONNECT_WITHIN_MS = 2000;
/** A job is tried this often; each failure is a machine's, since a query's own are results. */
const ATTEMPTS = 3;

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
  private readonly events: QueueEvents;
  private readonly flows: FlowProducer;

  private constructor(options: ClusterLinkOptions, names: ClusterNames) {
    this.options = options;
    this.address = options.inner.address;
    this.names = names;
    this.redis = hastyConnection(checkRedis(options.redis));
    const { prefix } = names;
    this.events = new QueueEvents(names.shared, {
      connection: patientConnection(options.redis),
      prefix,
    });
    this.events.on('error', () => undefined);
    this.flows = new FlowProducer({ connection: this.redis, prefix });
    this.flows.on('error', () => undefined);
  }

  static async open(options: ClusterLinkOptions): Promise<ClusterLink> {
    return new ClusterLink(options, clusterNames(await options.scratch.identity()));
  }

  async aggregate(bytes: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    const fragment = decodeFragment(bytes);
    if (fragment.segments.length === 0) return await this.options.inner.aggregate(bytes, options);
    const blobs: string[] = [];
    try {
      const output = await this.run(fragment, blobs, options);
      return this.finish(fragment, output);
    } catch (error) {
      if (options.signal?.aborted) throw new OpalineError('ABORTED', {});
      // What is not ours comes from the queue's client: Redis is away, or went away.
      throw isOpalineError(error) ? error : queueAway();
    } finally {
      await this.options.scratch.removeScratch(blobs).catch(() => undefined);
    }
  }

  private async run(
    fragment: Fragment,
    blobs: string[],
    { signal }: CallOptions,
  ): Promise<Uint8Array> {
    await untilReady(this.redis, CONNECT_WITHIN_MS);
    const { present } = await new Registry(this.redis, this.names).members();
    if (present.length === 0) {
      throw new OpalineError('WORKER_FAILED', { reason: 'no worker is connected to the cluster' });
    }
    const query = randomId();
    const deadline = this.options.deadlineMs ?? DEADLINE_MS;
    const until = Date.now() + deadline;
    const input = randomId();
    blobs.push(input);
    // A node needs to know what is added up, not over which rows.
    await this.options.scratch.writeScratch(input, encodeFragment({ ...fragment, segments: [] }));
    const tree = await this.flowOf(planJobs(fragment, present), { query, until, input }, blobs);
    const { job } = await this.flows.add(tree);
    const ended = new AbortController();
    try {
      const result = await Promise.race([
        job.waitUntilFinished(this.events, deadline),
        this.interrupted(signal, ended.signal),
      ]);
      const outcome = parseResult(result);
      if ('error' in outcome) throw fromWire(outcome.error);
      return await this.options.scratch.readScratch(outcome.ok);
    } catch (error) {
      await this.redis.publish(this.names.cancelled, query).catch(() => undefined);
      await job.remove({ removeChildren: true }).catch(() => undefined);
      if (error instanceof Error && /timed out before finishing/.test(error.message)) {
        throw new OpalineError('WORKER_FAILED', { reason: 'the query took longer than it may' });
      }
      throw error;
    } finally {
      ended.abort();
    }
  }

  /** Rejects when the query is called off, or the queue is lost while it runs. */
  private interrupted(signal: AbortSignal | undefined, ended: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      const aborted = (): void => reject(new OpalineError('ABORTED', {}));
      const lost = (): void => reject(queueAway());
      signal?.addEventListener('abort', aborted, { once: true, signal: ended });
      this.redis.once('close', lost);
      ended.addEventListener('abort', () => this.redis.off('close', lost), { once: true });
      if (signal?.aborted) aborted();
    });
  }

  /** The flow of a tree of jobs; leaves' fragments are written to the scratch on the way. */
  private async flowOf(
    planned: PlannedJob,
    common: Pick<ClusterJob, 'query' | 'until' | 'input'>,
    blobs: string[],
  ): Promise<FlowJob> {
    const output = randomId();
    blobs.push(output);
    const opts = {
      attempts: ATTEMPTS,
      removeOnComplete: { age: 60 },
      removeOnFail: { age: 60 },
      failParentOnFailure: true,
    };
    if (planned.kind === 'node') {
      const children: FlowJob[] = [];
      for (const child of planned.children) children.push(await this.flowOf(child, common, blobs));
      const data: ClusterJob = { version: 1, kind: 'node', ...common, output };
      return { name: 'node', queueName: this.names.shared, data, opts, children };
    }
    const input = randomId();
    blobs.push(input);
    await this.options.scratch.writeScratch(input, encodeFragment(planned.fragment));
    const data: ClusterJob = { version: 1, kind: 'leaf', ...common, input, output };
    return { name: 'leaf', queueName: this.names.own(planned.worker), data, opts };
  }

  private finish(fragment: Fragment, output: Uint8Array): Uint8Array {
    const { work } = fragment;
    if (work.kind === 'aggregate') {
      const combiner = new Combiner(this.options.ring, work);
      combiner.add(decodePartial(output));
      return encodeAggregateReply(combiner.finish());
    }
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
    await this.events.close().catch(() => undefined);
    await this.flows.close().catch(() => undefined);
    this.redis.disconnect();
    await this.options.inner[Symbol.asyncDispose]();
  }
}
