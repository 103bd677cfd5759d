/** Workers of a page: what they refuse, and what becomes of those that are stopped or cannot run. */
import { expect, it } from 'vitest';
import { randomId } from '../../../src/bytes/random.ts';
import { ResidentArena } from '../../../src/run/arena/resident-arena.ts';
import { Evaluator } from '../../../src/run/evaluate/evaluator.ts';
import { inlinePool } from '../../../src/run/pool.inline.ts';
import type { EvaluationTask } from '../../../src/run/pool.ts';
import { workerPool } from '../../../src/run/pool.web.ts';
import { WorkerPool } from '../../../src/run/worker-pool.web.ts';
import { MemoryBackend } from '../../../src/store/backends/memory.ts';

const TASK: EvaluationTask = { kind: 'expand', part: randomId(), wire: Uint8Array.of(1, 2, 3) };

const codeOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  );

it('refuse what this thread refuses, by the same codes', async () => {
  const here = new ResidentArena({ bytes: 1 << 20 });
  await using inline = inlinePool(new Evaluator(new MemoryBackend(), here.local()));
  const expected = await codeOf(inline.run(TASK));
  expect(expected).toMatch(/^[A-Z]+_[A-Z]+$/);
  await using pool = workerPool(randomId(), 2, new ResidentArena({ threads: 2, bytes: 1 << 20 }));
  const codes = await Promise.all(Array.from({ length: 6 }, () => codeOf(pool.run(TASK))));
  expect(codes).toEqual(Array.from({ length: 6 }, () => expected));
});

it('are ended with their task, and give back their part of the memory', async () => {
  // One region: the worker that follows one that was stopped has to wait for it.
  const arena = new ResidentArena({ threads: 1, bytes: 1 << 20 });
  await using pool = workerPool(randomId(), 1, arena);
  for (let i = 0; i < 3; i++) {
    const controller = new AbortController();
    const stopped = codeOf(pool.run(TASK, controller.signal));
    const waiting = codeOf(pool.run(TASK));
    setTimeout(() => controller.abort(), 20 * i);
    expect(['ABORTED', 'BYTES_INVALID', 'PART_CORRUPT']).toContain(await stopped);
    expect(['BYTES_INVALID', 'PART_CORRUPT']).toContain(await waiting);
  }
  expect(await codeOf(pool.run(TASK, AbortSignal.abort()))).toBe('ABORTED');
  expect(arena.statistics()).toMatchObject({ pins: 0, waiting: 0 });
});

it('that cannot run are said to have failed', async () => {
  await using pool = new WorkerPool({
    threads: 1,
    start: () => new Worker('/there-is-none.js', { type: 'module' }),
    prepare: () => Promise.resolve(() => undefined),
  });
  const task = (): Promise<never> => new Promise<never>(() => undefined);
  expect(await codeOf(pool.run(task))).toBe('WORKER_FAILED');
  expect(await codeOf(pool.run(task))).toBe('WORKER_FAILED');
});
