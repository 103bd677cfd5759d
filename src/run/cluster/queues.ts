import { Redis } from 'ioredis';
import { OpalineError } from '../../errors/opaline-error.ts';

/** Names of one store's things in Redis. */
export interface ClusterNames {
  readonly prefix: string;
  /** Jobs anybody may take. */
  readonly shared: string;
  /** Jobs meant for one worker, which has their segments in memory. */
  own(worker: string): string;
  readonly members: string;
  presence(worker: string): string;
  lingering(worker: string): string;
  adoption(worker: string): string;
  /** The jobs a worker is at. */
  held(worker: string): string;
  /** The channel a worker listens to as long as its connection lasts. */
  alive(worker: string): string;
  readonly cancelled: string;
}

export function clusterNames(store: string): ClusterNames {
  const prefix = `opaline:${store}`;
  return {
    prefix,
    shared: 'shared',
    own: (worker) => `worker-${worker}`,
    members: `${prefix}:members`,
    presence: (worker) => `${prefix}:present:${worker}`,
    lingering: (worker) => `${prefix}:lingers:${worker}`,
    adoption: (worker) => `${prefix}:adopted:${worker}`,
    held: (worker) => `${prefix}:held:${worker}`,
    alive: (worker) => `${prefix}:alive:${worker}`,
    cancelled: `${prefix}:cancelled`,
  };
}

/** @throws USAGE unless it is redis:// or rediss:// */
export function checkRedis(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol)) {
    throw new OpalineError('USAGE', { reason: 'a cluster is redis://host[:port][/database]' });
  }
  return address;
}

/** A connection that waits for Redis to come back: for workers, which have nothing else to do. */
export function patientConnection(address: string): Redis {
  return silent(
    new Redis(address, {
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(1000, 50 * times),
    }),
  );
}

/** A connection whose commands fail at once while Redis is away: for queries, which somebody waits for. */
export function hastyConnection(address: string): Redis {
  return silent(
    new Redis(address, {
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: (times) => Math.min(1000, 50 * times),
    }),
  );
}

/** Lost connections show in the commands that fail; an event without a listener would end the process. */
function silent(redis: Redis): Redis {
  // As many as queries run at once listen for its end.
  return redis.setMaxListeners(0).on('error', () => undefined);
}

/** Resolves once the connection can be used. @throws WORKER_FAILED after `ms` */
export async function untilReady(redis: Redis, ms: number): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      redis.off('ready', ready);
      reject(queueAway());
    }, ms);
    const ready = (): void => {
      clearTimeout(late);
      resolve();
    };
    redis.once('ready', ready);
  });
}

export function queueAway(): OpalineError<'WORKER_FAILED'> {
  return new OpalineError('WORKER_FAILED', { reason: 'the cluster’s queue cannot be reached' });
}
