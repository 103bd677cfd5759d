import { stat } from 'node:fs/promises';
import { OpalineError } from '../errors/opaline-error.ts';
import { ResidentArena } from '../run/arena/resident-arena.ts';
import { ClusterLink } from '../run/cluster/cluster-link.ts';
import { checkRedis } from '../run/cluster/queues.ts';
import { ClusterWorker, type ClusterWorkerOptions } from '../run/cluster/worker.ts';
import { Evaluator } from '../run/evaluate/evaluator.ts';
import { Rings } from '../run/evaluate/rings.ts';
import { inlinePool } from '../run/pool.inline.ts';
import { threadPool } from '../run/pool.node.ts';
import type { BackendDescriptor, Scratch } from '../store/backend.ts';
import { FileScratch } from '../store/backends/file-scratch.ts';
import { HttpLink } from '../store/backends/http/link.ts';
import { HttpScratch } from '../store/backends/http/scratch.ts';
import { openBackend } from '../store/backends/open-backend.ts';
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
): Promise<{ link: StoreLink; scratch: Scratch }> {
  const scratch = new FileScratch(folder);
  await scratch.sweepScratch();
  const rings = new Rings();
  return { link: await ClusterLink.open({ redis, inner, scratch, rings }), scratch };
}

export interface WorkerOptions extends Pick<ClusterWorkerOptions, 'onJob'> {
  readonly redis: string;
  /** Where the store is: its folder, as this machine mounts it, or its service. */
  readonly store: BackendDescriptor;
  readonly threads: number;
}

/** @throws STORE_NOT_FOUND, STORE_UNREACHABLE, STORE_FORBIDDEN */
export async function startWorker({
  redis,
  store,
  threads,
  onJob,
}: WorkerOptions): Promise<ClusterWorker> {
  checkRedis(redis);
  await findStore(store);
  const arena = new ResidentArena({ threads });
  const pool =
    threads === 0
      ? inlinePool(new Evaluator(await openBackend(store), arena.local()))
      : threadPool(store, threads, arena);
  const scratch =
    store.kind === 'file'
      ? new FileScratch(store.path)
      : new HttpScratch(store.address, store.token);
  return await ClusterWorker.start({ redis, scratch, pool, ...(onJob && { onJob }) });
}

async function findStore(store: BackendDescriptor): Promise<void> {
  if (store.kind === 'remote') {
    await new HttpLink(store.address, store.token).connect();
    return;
  }
  const found = await stat(store.path).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new OpalineError('STORE_NOT_FOUND', { path: store.path });
  }
}
