import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { notice } from '../report.ts';
import { wholeNumber } from './whole-number.ts';

interface WorkerFlags {
  readonly cluster: string;
  readonly store: string;
  readonly threads: number;
  readonly cache: string;
  readonly cacheLimit: number;
}

/** Bytes of --cache-limit's unit. */
const GIB = 2 ** 30;

export function addWorker(program: Command, signal: AbortSignal): void {
  program
    .command('worker')
    .description(
      'work for a cluster: evaluate segments of a store’s tables. No key ever reaches it',
    )
    .requiredOption('--cluster <redis>', 'the queue, redis://host[:port][/database]')
    .requiredOption(
      '--store <store>',
      'the store’s folder, as this machine mounts it, or the http(s):// address of its opaline serve (token in OPALINE_STORE_TOKEN)',
    )
    .option(
      '--cache <folder>',
      'where parts of a store over HTTP are kept',
      join(tmpdir(), 'opaline-worker-cache'),
    )
    .option('--cache-limit <GiB>', 'how much is kept there', wholeNumber, 20)
    .option(
      '--threads <number>',
      'evaluation threads; 0: none',
      wholeNumber,
      Math.min(8, availableParallelism()),
    )
    .action((flags: WorkerFlags) => run(flags, signal));
}

/** Works until it is interrupted, and then ends after the jobs that run. */
async function run(flags: WorkerFlags, signal: AbortSignal): Promise<void> {
  const { startWorker } = await import('../../service/cluster.ts');
  const { cluster, store, threads, cache, cacheLimit } = flags;
  const descriptor = /^https?:\/\//.test(store)
    ? {
        kind: 'remote' as const,
        address: store,
        token: process.env['OPALINE_STORE_TOKEN'] ?? '',
        cache: resolve(cache),
        cacheBytes: cacheLimit * GIB,
      }
    : { kind: 'file' as const, path: store };
  const worker = await startWorker({
    redis: cluster,
    store: descriptor,
    threads,
    onJob: (kind, ms, ok) => {
      const line = { time: Date.now(), job: kind, ms: Math.round(ms), ok };
      process.stderr.write(`${JSON.stringify(line)}\n`);
    },
  });
  notice(`Working as ${worker.id}; stop with Ctrl-C.`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await worker[Symbol.asyncDispose]();
}
