/** A thread of two-threads.ts: the same kernels as in one thread, on columns of its own. */
import { parentPort } from 'node:worker_threads';
import { bandwidthCases } from './bandwidth-cases.ts';
import type { Case } from './measure.ts';
import { ringCases } from './ring-cases.ts';
import type { ThreadKernel, ThreadReply, ThreadTask } from './two-threads.ts';

const port = parentPort;
if (port === null) throw new Error('this file runs as a thread');

const ring = ringCases();
const bandwidth = await bandwidthCases();
const begins = (cases: readonly Case[], prefix: string): Case => {
  const found = cases.find(({ name }) => name.startsWith(prefix));
  if (found === undefined) throw new Error(`no case begins with: ${prefix}`);
  return found;
};
const kernels: Record<ThreadKernel, Case> = {
  bandwidth: begins(bandwidth, 'f64 sum of eight streams'),
  sum: begins(ring, 'addPolynomials, resident column in one call'),
  filtered: begins(ring, 'filtered sum'),
};
for (const { call } of Object.values(kernels)) for (let i = 0; i < 3; i += 1) call();

const now = (): number => performance.timeOrigin + performance.now();

port.on('message', ({ kernel, from, until }: ThreadTask) => {
  const { call, bytes } = kernels[kernel];
  // Both threads begin together; waiting busily also wakes the core up.
  while (now() < from);
  let calls = 0;
  let end = now();
  for (; end < until; end = now()) {
    call();
    calls += 1;
  }
  const rate: ThreadReply = (calls * (bytes ?? 1) * 1000) / (end - from);
  port.postMessage(rate);
});
port.postMessage('ready');
