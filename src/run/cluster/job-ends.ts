import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type ClusterNames, patientConnection } from './queues.ts';

/** Events tell at once how a job ended; one that is lost with a connection is made up for by looking. */
const LOOK_EVERY_MS = 500;

/** Waits for jobs of the shared queue. */
export class JobEnds implements AsyncDisposable {
  private readonly queue: Queue;
  private readonly events: QueueEvents;
  private readonly listener: Redis;

  /** `redis` is for commands and stays the caller's; `address` for a connection that listens. */
  constructor(redis: Redis, address: string, { shared, prefix }: ClusterNames) {
    this.listener = patientConnection(address);
    this.queue = new Queue(shared, { connection: redis, prefix, skipVersionCheck: true });
    this.events = new QueueEvents(shared, {
      connection: this.listener,
      prefix,
      skipVersionCheck: true,
    });
    this.queue.on('error', () => undefined);
    this.events.on('error', () => undefined).setMaxListeners(0);
  }

  /**
   * What the job returned. `check` is called every half a second, and may throw to give up.
   * @throws WORKER_FAILED when it failed, or the queue does not know it any more; the signal's reason
   */
  async of(id: string, signal: AbortSignal, check: () => Promise<void>): Promise<unknown> {
    let wake = (): void => undefined;
    const told = (): void => wake();
    const names = [`completed:${id}`, `failed:${id}`] as unknown as 'completed'[];
    for (const name of names) this.events.on(name, told);
    signal.addEventListener('abort', told);
    try {
      for (;;) {
        const news = new Promise<void>((resolve) => (wake = resolve));
        signal.throwIfAborted();
        const job = await this.queue.getJob(id);
        if (job === undefined) {
          throw new OpalineError('WORKER_FAILED', { reason: 'the cluster’s queue lost the query' });
        }
        if (job.finishedOn !== undefined) {
          // A reason to have failed may be that of an earlier try.
          if (await job.isCompleted()) return job.returnvalue;
          throw new OpalineError('WORKER_FAILED', {
            reason: 'a job failed on every worker that tried it',
          });
        }
        await check();
        const late = setTimeout(() => wake(), LOOK_EVERY_MS);
        await news;
        clearTimeout(late);
      }
    } finally {
      for (const name of names) this.events.off(name, told);
      signal.removeEventListener('abort', told);
    }
  }

  /** Forget a job and those below it; one that is being worked on stays until it ends. */
  async remove(id: string): Promise<void> {
    await this.queue.remove(id, { removeChildren: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.events.close().catch(() => undefined);
    await this.queue.close().catch(() => undefined);
    this.listener.disconnect();
  }
}
