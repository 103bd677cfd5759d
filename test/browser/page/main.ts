/** Runs the suites that `?suite=` names in a worker, and leaves their outcomes for whoever drives the page. */
import type { Outcome } from './outcome.ts';

const worker = new Worker(new URL('./suites.worker.ts', import.meta.url), { type: 'module' });
const outcomes = new Promise<readonly Outcome[]>((resolve, reject) => {
  worker.addEventListener('message', ({ data }: MessageEvent<readonly Outcome[]>) => resolve(data));
  worker.addEventListener('error', ({ message }) => reject(new Error(message)));
});
Object.assign(globalThis, { outcomes });
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
worker.postMessage(new URL(location.href).searchParams.get('suite'));
