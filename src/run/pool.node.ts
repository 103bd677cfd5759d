import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { OpalineError } from '../errors/opaline-error.ts';
import { fromWire } from '../errors/wire.ts';
import type { BackendDescriptor } from '../store/backend.ts';
import { isJoinMessage, serveArena } from './arena/port.node.ts';
import type { ResidentArena } from './arena/resident-arena.ts';
import type { EvaluationPool, EvaluationTask, WorkerReply } from './pool.ts';

/**
 * Evaluation on `threads` worker threads, each with an evaluator of its own over the same backend
 * and the same arena, which has a region for each of them.
 * An aborted task's thread is ended and replaced: a kernel in the middle of a segment cannot be asked.
 */
export function threadPool(
  descriptor: BackendDescriptor,
  threads: number,
  arena: ResidentArena,
): EvaluationPool {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new URL(`../../workers/evaluate.node.${extension}`, import.meta.url);
  const piscina = new Piscina({
    filename: fileURLToPath(worker),
    workerData: descriptor,
    // With none, tasks that wait when the last thread is ended would wait for the next query.
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: 30_000,
    // Segments are large and uniform: one at a time each.
    concurrentTasksPerWorker: 1,
  });
  piscina.on('message', (message: unknown) => {
    if (isJoinMessage(message)) serveArena(arena, message.opalineArena);
  });
  return {
    width: threads,
    run: async (task: EvaluationTask, signal?: AbortSignal): Promise<Uint8Array> => {
      const reply = await submit(piscina, task, signal);
      if ('error' in reply) throw fromWire(reply.error);
      return reply.ok;
    },
    [Symbol.asyncDispose]: () => piscina.destroy(),
  };
}

async function submit(
  piscina: Piscina,
  task: EvaluationTask,
  signal: AbortSignal | undefined,
): Promise<WorkerReply> {
  if (signal?.aborted) throw new OpalineError('ABORTED', {});
  try {
    return (await piscina.run(task, signal === undefined ? {} : { signal })) as WorkerReply;
  } catch (error) {
    if (signal?.aborted) throw new OpalineError('ABORTED', {});
    const reason = error instanceof Error ? error.constructor.name : 'unknown';
    throw new OpalineError('WORKER_FAILED', { reason }, { cause: error });
  }
}
