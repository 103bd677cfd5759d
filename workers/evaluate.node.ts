import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { toWire } from '../src/errors/wire.ts';
import { joinArena } from '../src/run/arena/port.node.ts';
import { Evaluator } from '../src/run/evaluate/evaluator.ts';
import { perform } from '../src/run/perform.ts';
import type { EvaluationTask, WorkerReply } from '../src/run/pool.ts';
import { openBackend } from '../src/store/backends/open-backend.ts';

let evaluator: Promise<Evaluator> | undefined;

async function start(): Promise<Evaluator> {
  return new Evaluator(await openBackend(workerData), await joinArena());
}

/** Evaluate one task. Holds no secret: see the trust boundary in ARCHITECTURE.md. */
// oxlint-disable-next-line import/no-default-export -- piscina calls the default export
export default async function evaluate(task: EvaluationTask): Promise<unknown> {
  try {
    evaluator ??= start();
    const ok = whole(await perform(await evaluator, task));
    const reply: WorkerReply = { ok };
    // Handed over rather than copied: a partial result can be tens of megabytes.
    return move({ [transferableSymbol]: [ok.buffer], [valueSymbol]: reply });
  } catch (error) {
    return { error: toWire(error) } satisfies WorkerReply;
  }
}

/** The bytes in a buffer of their own that nobody else has: only those are handed over. */
function whole(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const alone = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return alone ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
