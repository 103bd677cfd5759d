import { transfer } from 'comlink';
import { fromWire } from '../../errors/wire.ts';
import { type Mortal, WorkerPool } from '../../run/worker-pool.web.ts';
import {
  buffersOf,
  type RingSecrets,
  type SealPool,
  type SealReply,
  type SealTask,
} from './pool.ts';

/** What workers/vault.web.ts offers a pool of sealing workers. */
export interface SealWorker extends Mortal {
  /** The secrets of all that is sealed from now on. */
  hold(secrets: RingSecrets): Promise<void>;
  seal(task: SealTask): Promise<SealReply>;
}

/**
 * Sealing on workers of a page. They get the ring secrets, live as long as one write, and are started by
 * client/ alone.
 */
export function workerSealPool(secrets: RingSecrets, threads: number): SealPool {
  const pool = new WorkerPool<SealWorker>({
    threads,
    start: () =>
      new Worker(new URL('../../../workers/vault.web.js', import.meta.url), { type: 'module' }),
    prepare: async (worker) => {
      await worker.hold(secrets);
      return () => undefined;
    },
  });
  return {
    width: threads,
    seal: async (task, signal) => {
      const given = (): SealTask => transfer(task, buffersOf(task.batch));
      const reply = await pool.run<SealReply>(async (worker) => await worker.seal(given()), signal);
      if ('error' in reply) throw fromWire(reply.error);
      return reply.ok;
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
