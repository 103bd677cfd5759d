import { fileURLToPath } from 'node:url';
import { move, Piscina, transferableSymbol, valueSymbol } from 'piscina';
import { OpalineError } from '../../errors/opaline-error.ts';
import { fromWire } from '../../errors/wire.ts';
import {
  buffersOf,
  type RingSecrets,
  type SealPool,
  type SealReply,
  type SealTask,
} from './pool.ts';

/**
 * Sealing on worker threads. They get the ring secrets, live as long as one write, and are started by
 * client/ alone.
 */
export function threadSealPool(secrets: RingSecrets, threads: number): SealPool {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new URL(`../../../workers/vault.node.${extension}`, import.meta.url);
  const piscina = new Piscina({
    filename: fileURLToPath(worker),
    workerData: secrets,
    minThreads: 0,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
  });
  return {
    width: threads,
    seal: async (task: SealTask, signal?: AbortSignal) => {
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      let reply: SealReply;
      try {
        const given = move({ [transferableSymbol]: buffersOf(task.batch), [valueSymbol]: task });
        reply = (await piscina.run(given, signal === undefined ? {} : { signal })) as SealReply;
      } catch (error) {
        if (signal?.aborted) throw new OpalineError('ABORTED', {});
        const reason = error instanceof Error ? error.constructor.name : 'unknown';
        throw new OpalineError('WORKER_FAILED', { reason }, { cause: error });
      }
      if ('error' in reply) throw fromWire(reply.error);
      return reply.ok;
    },
    [Symbol.asyncDispose]: () => piscina.destroy(),
  };
}
