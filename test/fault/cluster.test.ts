import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { OpalineError } from '../../src/errors/opaline-error.ts';
import { clusterNames } from '../../src/run/cluster/queues.ts';
import type { EvaluationPool } from '../../src/run/pool.ts';
import type { Backend } from '../../src/store/backend.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { answer, clusterTable, type ClusterTable, SQL } from '../support/cluster-vault.ts';
import { startProgram } from '../support/programs.ts';
import { describeWithRedis } from '../support/redis.ts';

const SEGMENTS = 4;
const STUCK = fileURLToPath(new URL('../support/stuck-worker.ts', import.meta.url));

/** A pool that holds every task until it is let go, and tells of each that begins. */
function gate(): {
  wrap: (pool: EvaluationPool) => EvaluationPool;
  begun: Promise<void>;
  signals: AbortSignal[];
  open: () => void;
} {
  const signals: AbortSignal[] = [];
  const begin = Promise.withResolvers<void>();
  const let_ = Promise.withResolvers<void>();
  return {
    begun: begin.promise,
    signals,
    open: () => let_.resolve(),
    wrap: (pool) => ({
      width: pool.width,
      run: async (task, signal) => {
        if (signal !== undefined) signals.push(signal);
        begin.resolve();
        const aborted = new Promise<never>((_, reject) => {
          signal?.addEventListener('abort', () => reject(new OpalineError('ABORTED', {})));
        });
        await Promise.race([let_.promise, aborted]);
        return await pool.run(task, signal);
      },
      [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() as Promise<void>,
    }),
  };
}

describeWithRedis('a cluster', () => {
  let cluster: TestCluster;
  let table: ClusterTable;
  beforeAll(async () => {
    cluster = await startCluster(0);
    table = await clusterTable(cluster, SEGMENTS);
  });
  afterAll(async () => {
    await table[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  const scratch = (): string[] => readdirSync(join(cluster.folder, 'scratch'));
  /** Ends the workers of one test. */
  const noWorkers = async (): Promise<void> => {
    await Promise.all(cluster.workers.splice(0).map((worker) => worker[Symbol.asyncDispose]()));
  };

  afterEach(noWorkers);

  it('without a worker says so, as something to try again', async () => {
    await using vault = await table.over(await cluster.link());
    await expect(vault.query(SQL)).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      retryable: true,
      message: 'a worker failed: no worker is connected to the cluster',
    });
    expect(scratch()).toEqual([]);
  });

  it('answers what one process answers, and leaves nothing behind', async () => {
    await cluster.addWorker();
    await cluster.addWorker();
    await using vault = await table.over(await cluster.link());
    const { rows } = await vault.query(SQL);
    expect(rows).toEqual(answer(SEGMENTS));
    const found = await vault.query('SELECT v FROM t WHERE v < 2 ORDER BY v LIMIT 5');
    expect(found.rows).toEqual([['0'], ['0'], ['0'], ['0'], ['1']]);
    expect(scratch()).toEqual([]);
    const redis = cluster.redis.connect();
    const left = await redis.keys('*');
    // Of each queue what it is, and what happened; no job.
    const prefix = clusterNames(await cluster.scratch.identity()).prefix;
    const jobs = left.filter((key) => /:(shared|worker-[0-9a-f]+):[0-9a-f-]{20,}/.test(key));
    expect(jobs).toEqual([]);
    expect(left.filter((key) => !key.startsWith(prefix))).toEqual([]);
  });

  it('answers rightly when a worker is killed in the middle of a query', async () => {
    await using stuck = startProgram([cluster.redis.url, cluster.folder], STUCK);
    await stuck.says(/ready as/);
    await using vault = await table.over(await cluster.link());
    const query = vault.query(SQL);
    await stuck.says(/took a job/);
    await cluster.addWorker();
    const killed = performance.now();
    await stuck.end('SIGKILL');
    expect((await query).rows).toEqual(answer(SEGMENTS));
    const cost = (performance.now() - killed) / 1000;
    process.stdout.write(`a killed worker cost ${cost.toFixed(1)} s\n`);
    expect(scratch()).toEqual([]);
  });

  it('forgets a dead worker and its queue once no job can come for it', async () => {
    const gone = await cluster.addWorker();
    await using vault = await table.over(await cluster.link());
    await vault.query(SQL);
    const redis = cluster.redis.connect();
    await noWorkers();
    const names = clusterNames(await cluster.scratch.identity());
    expect((await redis.keys(`*worker-${gone.id}*`)).length).toBeGreaterThan(0);
    // What time does: nobody was planning for it any more.
    for (const worker of await redis.smembers(names.members)) {
      await redis.del(names.lingering(worker));
    }
    const last = await cluster.addWorker();
    await expect.poll(() => redis.smembers(names.members), { timeout: 15_000 }).toEqual([last.id]);
    expect(await redis.keys(`*worker-${gone.id}*`)).toEqual([]);
  });

  it('takes jobs that were planned for a worker which has just left', async () => {
    const leaving = await cluster.addWorker();
    const held = gate();
    await cluster.addWorker({ wrap: held.wrap });
    await using vault = await table.over(await cluster.link());
    const query = vault.query(SQL);
    await held.begun;
    await leaving[Symbol.asyncDispose]();
    cluster.workers.splice(cluster.workers.indexOf(leaving), 1);
    held.open();
    expect((await query).rows).toEqual(answer(SEGMENTS));
  });

  it('whose queue dies says so, and answers again once it is back', async () => {
    const held = gate();
    await cluster.addWorker({ wrap: held.wrap });
    await using vault = await table.over(await cluster.link());
    const query = vault.query(SQL);
    await held.begun;
    const failed = expect(query).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      retryable: true,
      message: 'a worker failed: the cluster’s queue cannot be reached',
    });
    await cluster.redis.kill();
    await failed;
    await expect(vault.query(SQL)).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    held.open();
    await cluster.redis.start();
    expect((await vault.query(SQL)).rows).toEqual(answer(SEGMENTS));
    expect(scratch()).toEqual([]);
  });

  it('stops working on a query that is cancelled', async () => {
    const held = gate();
    await cluster.addWorker({ wrap: held.wrap });
    await using vault = await table.over(await cluster.link());
    const controller = new AbortController();
    const query = vault.query(SQL, [], { signal: controller.signal });
    await held.begun;
    controller.abort();
    await expect(query).rejects.toMatchObject({ code: 'ABORTED' });
    await expect.poll(() => held.signals.every(({ aborted }) => aborted)).toBe(true);
    expect(scratch()).toEqual([]);
    held.open();
    expect((await vault.query(SQL)).rows).toEqual(answer(SEGMENTS));
  });

  it('gives up what takes longer than it may, at the workers too', async () => {
    const held = gate();
    await cluster.addWorker({ wrap: held.wrap });
    await using vault = await table.over(await cluster.link({ deadlineMs: 700 }));
    await expect(vault.query(SQL)).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      message: 'a worker failed: the query took longer than it may',
    });
    expect(held.signals.length).toBeGreaterThan(0);
    await expect.poll(() => held.signals.every(({ aborted }) => aborted)).toBe(true);
    expect(scratch()).toEqual([]);
  });

  it('gives up when every worker has gone', async () => {
    await using stuck = startProgram([cluster.redis.url, cluster.folder], STUCK);
    await stuck.says(/ready as/);
    await using vault = await table.over(await cluster.link());
    const query = vault.query(SQL);
    await stuck.says(/took a job/);
    const failed = expect(query).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      message: 'a worker failed: the cluster’s workers have gone',
    });
    await stuck.end('SIGKILL');
    await failed;
  });

  it('is not impressed by hostile jobs', async () => {
    const worker = await cluster.addWorker();
    const names = clusterNames(await cluster.scratch.identity());
    const redis = cluster.redis.connect();
    const id = 'a'.repeat(32);
    const fine = { version: 1, kind: 'leaf', query: id, until: 2 ** 50, input: id, output: id };
    const hostile: unknown[] = [
      null,
      7,
      'x',
      [],
      {},
      { ...fine, version: 2 },
      { ...fine, kind: 'shell' },
      { ...fine, input: '../../../../etc/passwd' },
      { ...fine, query: '..' },
      { ...fine, output: `${id}\n` },
      { ...fine, until: 'now' },
      { ...fine, more: 1 },
      { ...fine, until: -1 },
      fine,
      { ...fine, kind: 'node' },
      { ...fine, kind: 'root' },
    ];
    for (const name of [names.shared, names.own(worker.id)]) {
      const queue = new Queue(name, { connection: redis, prefix: names.prefix });
      const jobs = await Promise.all(hostile.map((data) => queue.add('job', data)));
      for (const job of jobs) {
        await expect
          .poll(async () => await job.getState(), { timeout: 10_000 })
          .toMatch(/completed|failed/);
        const { returnvalue } = (await queue.getJob(job.id!))!;
        expect(returnvalue).toMatchObject({ error: { opaline: 1 } });
      }
      // What is not JSON at all.
      const broken = await queue.add('job', {}, { delay: 300 });
      await redis.hset(`${names.prefix}:${name}:${broken.id}`, 'data', '{"version":1', 'opts', '[');
      await queue.close();
    }
    await using vault = await table.over(await cluster.link());
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await vault.query(SQL)).rows).toEqual(answer(SEGMENTS));
    await redis.flushall();
  });

  it('reads nothing of a segment from the store for a repeated query', async () => {
    let reads = 0;
    const counted = (): Backend =>
      new Proxy<Backend>(new FileBackend(cluster.folder), {
        get: (backend, name, receiver) => {
          if (name === 'read' || name === 'readRange') reads++;
          const member: unknown = Reflect.get(backend, name, receiver);
          return typeof member === 'function' ? member.bind(backend) : member;
        },
      });
    await cluster.addWorker({ backend: counted() });
    await using vault = await table.over(await cluster.link());
    await vault.query(SQL);
    expect(reads).toBeGreaterThan(0);
    reads = 0;
    expect((await vault.query(SQL)).rows).toEqual(answer(SEGMENTS));
    expect(reads).toBe(0);
  });

  it('holds as many connections after many queries as after one, and none in the end', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    await cluster.addWorker();
    await cluster.addWorker();
    const redis = cluster.redis.connect();
    const connections = async (): Promise<number> =>
      String(await redis.client('LIST'))
        .trim()
        .split('\n').length;
    const before = await connections();
    {
      await using vault = await table.over(await cluster.link());
      await vault.query(SQL);
      const open = await connections();
      for (let i = 0; i < 5; i++) {
        await Promise.all(Array.from({ length: 4 }, () => vault.query(SQL)));
      }
      // Two more while one worker helps the other.
      expect(await connections()).toBeLessThanOrEqual(open + 2);
    }
    await expect.poll(connections).toBeLessThanOrEqual(before);
    await noWorkers();
    const own = redis;
    await expect
      .poll(async () => String(await own.client('LIST')).match(/name=opaline|cmd=bzpopmin/g))
      .toBeNull();
    expect(warnings).toEqual([]);
    process.off('warning', warned);
  });
});
