import { stat } from 'node:fs/promises';
import { OpalineError } from '../errors/opaline-error.ts';
import { sumParameters } from '../params/presets.ts';
import { createWasmRing } from '../ring/simd/wasm-ring.ts';
import { ResidentArena } from '../run/arena/resident-arena.ts';
import { ClusterLink } from '../run/cluster/cluster-link.ts';
import { checkRedis } from '../run/cluster/queues.ts';
import { ClusterWorker, type ClusterWorkerOptions } from '../run/cluster/worker.ts';
import { Evaluator } from '../run/evaluate/evaluator.ts';
import { inlinePool } from '../run/pool.inline.ts';
import { threadPool } from '../run/pool.node.ts';
import { FileBackend } from '../store/backends/file.ts';
import { FileScratch } from '../store/backends/file-scratch.ts';
import type { StoreLink } from '../store/link.ts';

export interface ClusterOptions {
  readonly redis: string;
  /** The store's folder. */
  readonly folder: string;
}

/** The store in `folder` with its queries on a cluster; `inner` does everything else. */
export async function openCluster(
  { redis, folder }: ClusterOptions,
  inner: StoreLink,
): Promise<StoreLink> {
  const scratch = new FileScratch(folder);
  await scratch.sweepScratch();
  const { n, dataPrimes } = sumParameters(48);
  return await ClusterLink.open({ redis, inner, scratch, ring: createWasmRing(n, dataPrimes) });
}

/** @throws STORE_NOT_FOUND */
export async function startWorker({
  redis,
  folder,
  threads,
  onJob,
}: ClusterOptions & { threads: number } & Pick<
    ClusterWorkerOptions,
    'onJob'
  >): Promise<ClusterWorker> {
  checkRedis(redis);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new OpalineError('STORE_NOT_FOUND', { path: folder });
  const backend = new FileBackend(folder);
  const arena = new ResidentArena({ threads });
  const pool =
    threads === 0
      ? inlinePool(new Evaluator(backend, arena.local()))
      : threadPool(backend.descriptor, threads, arena);
  return await ClusterWorker.start({
    redis,
    scratch: new FileScratch(folder),
    pool,
    ...(onJob && { onJob }),
  });
}
