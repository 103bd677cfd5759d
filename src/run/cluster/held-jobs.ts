import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { ClusterNames } from './queues.ts';

/** A job's lock is freed only while it is still the lost worker's: another may have the job by now. */
const FREE = `if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('SADD', KEYS[2], ARGV[2])
end`;

/**
 * Which jobs each worker is at, on record in Redis: when it is lost, they go to others at once instead
 * of when their locks run out.
 */
export class HeldJobs {
  private readonly redis: Redis;
  private readonly names: ClusterNames;

  constructor(redis: Redis, names: ClusterNames) {
    this.redis = redis;
    this.names = names;
  }

  /** Failing is harmless: the lock runs out. */
  take(worker: string, job: Job): void {
    const { token, id } = job;
    if (token === undefined || id === undefined) return;
    this.redis.hset(this.names.held(worker), fieldOf(job), token).catch(() => undefined);
  }

  drop(worker: string, job: Job): void {
    this.redis.hdel(this.names.held(worker), fieldOf(job)).catch(() => undefined);
  }

  /** Let others take the jobs of a worker that is gone. */
  async free(gone: string): Promise<void> {
    const held = await this.redis.hgetall(this.names.held(gone));
    for (const [field, token] of Object.entries(held)) {
      const [queue = '', id = ''] = field.split('/');
      const of = `${this.names.prefix}:${queue}`;
      await this.redis.eval(FREE, 2, `${of}:${id}:lock`, `${of}:stalled`, token, id);
    }
    await this.redis.del(this.names.held(gone));
  }
}

function fieldOf({ queueName, id }: Job): string {
  return `${queueName}/${id}`;
}
