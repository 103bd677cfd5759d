import type { Redis } from 'ioredis';
import type { ClusterNames } from './queues.ts';

/** How long a sign of life counts, and how often one is given. */
const PRESENT_FOR_MS = 1200;
export const SIGN_OF_LIFE_MS = 200;
/** A query that was planned for a worker just before it went may still be sending jobs there. */
const LINGERS_FOR_MS = 30_000;

/** The workers of a cluster, as far as Redis knows. */
export interface Members {
  readonly present: readonly string[];
  readonly gone: readonly Gone[];
}

export interface Gone {
  readonly worker: string;
  /** True while jobs may still come for it. */
  readonly lingers: boolean;
}

/**
 * Which workers there are. A worker is present while it listens to its own channel, which Redis ends
 * with the connection when its process dies, and gives signs of life, keys that expire by Redis' own
 * clock, for a machine that is lost without a word.
 */
export class Registry {
  private readonly redis: Redis;
  private readonly names: ClusterNames;

  constructor(redis: Redis, names: ClusterNames) {
    this.redis = redis;
    this.names = names;
  }

  /** From here on the worker counts, as long as `listener` stays connected. */
  async join(worker: string, listener: Redis): Promise<void> {
    await listener.subscribe(this.names.alive(worker));
    await this.signOfLife(worker);
  }

  async signOfLife(worker: string): Promise<void> {
    await this.redis
      .multi()
      .sadd(this.names.members, worker)
      .set(this.names.presence(worker), '1', 'PX', PRESENT_FOR_MS)
      .set(this.names.lingering(worker), '1', 'PX', LINGERS_FOR_MS)
      .exec();
  }

  async leave(worker: string): Promise<void> {
    await this.redis.del(this.names.presence(worker));
  }

  /** A worker that is gone, whose queue is empty and stays so. */
  async forget(worker: string): Promise<void> {
    await this.redis.srem(this.names.members, worker);
    await this.redis.del(this.names.held(worker));
  }

  async members(): Promise<Members> {
    const all = (await this.redis.smembers(this.names.members)).sort();
    if (all.length === 0) return { present: [], gone: [] };
    const signs = await this.redis.mget(
      ...all.map((worker) => this.names.presence(worker)),
      ...all.map((worker) => this.names.lingering(worker)),
    );
    const channels = all.map((worker) => this.names.alive(worker));
    const heard = (await this.redis.pubsub('NUMSUB', ...channels)) as readonly unknown[];
    // The reply alternates channels and listeners, in the order asked for.
    const present = all.map((_, i) => signs[i] !== null && Number(heard[2 * i + 1]) > 0);
    return {
      present: all.filter((_, i) => present[i]),
      gone: all.flatMap((worker, i) =>
        present[i] ? [] : [{ worker, lingers: signs[all.length + i] !== null }],
      ),
    };
  }

  /** True for the one worker that is to look after the jobs of one that is gone. */
  async adopt(gone: string, adopter: string): Promise<boolean> {
    const key = this.names.adoption(gone);
    const made = await this.redis.set(key, adopter, 'PX', PRESENT_FOR_MS, 'NX');
    return made === 'OK' || (await this.redis.get(key)) === adopter;
  }
}
