import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { spread, type Spread } from '../samples.ts';

/** A kernel that threads run side by side, each on memory of its own. */
export const THREAD_KERNELS = ['bandwidth', 'sum', 'filtered'] as const;
export type ThreadKernel = (typeof THREAD_KERNELS)[number];

/** What the main thread asks of a thread: run the kernel until a moment of the common clock. */
export interface ThreadTask {
  readonly kernel: ThreadKernel;
  /** Milliseconds since 1970, as performance.timeOrigin + performance.now() has them. */
  readonly from: number;
  readonly until: number;
}

/** Units of work a second: bytes read, or chunks summed. */
export type ThreadReply = number;

export interface Throughput {
  readonly one: Spread;
  readonly two: Spread;
}

const LEAD_MS = 5;
const WINDOW_MS = 60;

/** What one thread and two do in the same time, by turns; the best of a kernel is its p100. */
export async function twoThreads(rounds: number): Promise<Record<ThreadKernel, Throughput>> {
  const workers = [1, 2].map(() => new Worker(new URL('./thread.ts', import.meta.url)));
  try {
    await Promise.all(workers.map(ready));
    const samples = new Map(THREAD_KERNELS.map((kernel) => [kernel, { one: [0], two: [0] }]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [kernel, { one, two }] of samples) {
        one.push(await together(workers.slice(0, 1), kernel));
        two.push(await together(workers, kernel));
      }
    }
    const through = (kernel: ThreadKernel): Throughput => {
      const { one = [], two = [] } = samples.get(kernel) ?? {};
      return { one: spread(one.slice(1)), two: spread(two.slice(1)) };
    };
    return {
      bandwidth: through('bandwidth'),
      sum: through('sum'),
      filtered: through('filtered'),
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** The sum of the threads' rates over one window of time. */
async function together(workers: readonly Worker[], kernel: ThreadKernel): Promise<number> {
  const from = performance.timeOrigin + performance.now() + LEAD_MS;
  const task: ThreadTask = { kernel, from, until: from + WINDOW_MS };
  const rates = await Promise.all(
    workers.map(async (worker) => {
      const reply = once(worker, 'message');
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage(task);
      return Number((await reply)[0]);
    }),
  );
  return rates.reduce((sum, rate) => sum + rate, 0);
}

async function ready(worker: Worker): Promise<void> {
  await once(worker, 'message');
}
