import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResidentArena } from '../../src/run/arena/resident-arena.ts';
import { ClusterLink } from '../../src/run/cluster/cluster-link.ts';
import { ClusterWorker } from '../../src/run/cluster/worker.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { Evaluator } from '../../src/run/evaluate/evaluator.ts';
import { Rings } from '../../src/run/evaluate/rings.ts';
import { inlinePool } from '../../src/run/pool.inline.ts';
import type { EvaluationPool } from '../../src/run/pool.ts';
import type { Backend } from '../../src/store/backend.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import { FileScratch } from '../../src/store/backends/file-scratch.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { startRedis, type TestRedis } from './redis.ts';

/** A cluster on one store's folder, its workers in this process. */
export interface TestCluster extends AsyncDisposable {
  readonly redis: TestRedis;
  readonly folder: string;
  readonly scratch: FileScratch;
  readonly workers: ClusterWorker[];
  addWorker(options?: AddWorker): Promise<ClusterWorker>;
  /** A link whose queries the cluster runs; the caller disposes of it. */
  link(options?: { deadlineMs?: number; inner?: StoreLink }): Promise<ClusterLink>;
}

export interface AddWorker {
  /** Reads the store in place of the plain folder. */
  readonly backend?: Backend;
  /** Disturbs or watches evaluation. */
  readonly wrap?: (pool: EvaluationPool) => EvaluationPool;
}

export async function startCluster(workers: number): Promise<TestCluster> {
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), 'opaline-cluster-'));
  await mkdir(folder, { recursive: true });
  const scratch = new FileScratch(folder);
  const cluster: TestCluster = {
    redis,
    folder,
    scratch,
    workers: [],
    addWorker: async ({
      backend = new FileBackend(folder),
      wrap = (pool: EvaluationPool) => pool,
    } = {}) => {
      const pool = wrap(inlinePool(new Evaluator(backend, new ResidentArena().local())));
      const worker = await ClusterWorker.start({ redis: redis.url, scratch, pool });
      cluster.workers.push(worker);
      return worker;
    },
    link: async ({ deadlineMs, inner = new EmbeddedLink(new FileBackend(folder)) } = {}) =>
      await ClusterLink.open({
        redis: redis.url,
        inner,
        scratch,
        rings: new Rings(),
        ...(deadlineMs !== undefined && { deadlineMs }),
      }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(cluster.workers.map((worker) => worker[Symbol.asyncDispose]()));
      await redis[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  for (let i = 0; i < workers; i++) await cluster.addWorker();
  return cluster;
}
