import { type Remote, transfer } from 'comlink';
import { fromWire } from '../errors/wire.ts';
import { serveArena } from './arena/port.web.ts';
import type { ResidentArena } from './arena/resident-arena.ts';
import type { EvaluationPool, EvaluationTask, WorkerReply } from './pool.ts';
import { type Mortal, WorkerPool } from './worker-pool.web.ts';

/** What workers/evaluate.web.ts offers. */
export interface EvaluationWorker extends Mortal {
  /** Open the store of that name in IndexedDB, and join the arena over the port. */
  start(store: string, arena: MessagePort): Promise<void>;
  run(task: EvaluationTask): Promise<WorkerReply>;
}

/**
 * Evaluation on `threads` workers of a page, each with an evaluator of its own over the same store and the
 * same arena, whose memory must be shared: the page is cross-origin isolated (HTML, "cross-origin isolated").
 */
export function workerPool(store: string, threads: number, arena: ResidentArena): EvaluationPool {
  const pool = new WorkerPool<EvaluationWorker>({
    threads,
    // The extension of the built program: bundlers find the source by it too.
    start: () =>
      new Worker(new URL('../../workers/evaluate.web.js', import.meta.url), { type: 'module' }),
    prepare: (worker) => join(worker, store, arena),
  });
  return {
    width: threads,
    run: async (task, signal) => {
      const reply = await pool.run<WorkerReply>(async (worker) => await worker.run(task), signal);
      if ('error' in reply) throw fromWire(reply.error);
      return reply.ok;
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

async function join(
  worker: Remote<EvaluationWorker>,
  store: string,
  arena: ResidentArena,
): Promise<() => void> {
  const { port1, port2 } = new MessageChannel();
  const leave = serveArena(arena, port1);
  try {
    await worker.start(store, transfer(port2, [port2]));
    return leave;
  } catch (error) {
    leave();
    throw error;
  }
}
