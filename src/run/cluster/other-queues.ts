import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { ClusterNames } from './queues.ts';

/** Ended jobs are kept this long for the query that waits for them. */
const KEEP_ENDED_MS = 30_000;
const MOST_AT_ONCE = 1000;

/** What one worker sees of the queues of the others. */
export class OtherQueues {
  private readonly redis: Redis;
  private readonly names: ClusterNames;
  private readonly queues = new Map<string, Queue>();

  constructor(redis: Redis, names: ClusterNames) {
    this.redis = redis;
    this.names = names;
  }

  /** Jobs in the queue of one worker. */
  async load(worker: string): Promise<{ readonly waiting: number; readonly active: number }> {
    const queue = this.queueOf(this.names.own(worker));
    const { waiting = 0, active = 0 } = await queue.getJobCounts('waiting', 'active');
    return { waiting, active };
  }

  /** Remove the queue of a worker that is gone for good, with all that is left of it. */
  async drop(worker: string): Promise<void> {
    await this.queueOf(this.names.own(worker)).obliterate({ force: true });
  }

  /** Close what was opened for workers other than these. */
  keep(workers: readonly string[]): void {
    const known = new Set([this.names.shared, ...workers.map((worker) => this.names.own(worker))]);
    for (const [name, queue] of this.queues) {
      if (known.has(name)) continue;
      this.queues.delete(name);
      void queue.close().catch(() => undefined);
    }
  }

  /** Remove jobs that ended a while ago and whose query never came for them. */
  async tidyShared(): Promise<void> {
    const shared = this.queueOf(this.names.shared);
    await shared.clean(KEEP_ENDED_MS, MOST_AT_ONCE, 'completed');
    await shared.clean(KEEP_ENDED_MS, MOST_AT_ONCE, 'failed');
  }

  async close(): Promise<void> {
    const open = [...this.queues.values()];
    this.queues.clear();
    await Promise.all(open.map((queue) => queue.close().catch(() => undefined)));
  }

  private queueOf(name: string): Queue {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(name, {
      connection: this.redis,
      prefix: this.names.prefix,
      skipVersionCheck: true,
    });
    queue.on('error', () => undefined);
    this.queues.set(name, queue);
    return queue;
  }
}
