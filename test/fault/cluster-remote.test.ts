import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorker } from '../../src/service/cluster.ts';
import { HttpLink } from '../../src/store/backends/http/link.ts';
import { HttpScratch } from '../../src/store/backends/http/scratch.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { answer, clusterTable, type ClusterTable, SQL } from '../support/cluster-vault.ts';
import { describeWithRedis } from '../support/redis.ts';
import { startService, type TestService } from '../support/service.ts';

const SEGMENTS = 3;

describeWithRedis('a worker that does not mount the store', () => {
  let cluster: TestCluster;
  let table: ClusterTable;
  let service: TestService;
  let cache: string;
  let fetched = 0;
  beforeAll(async () => {
    cluster = await startCluster(0);
    table = await clusterTable(cluster, SEGMENTS);
    cache = mkdtempSync(join(tmpdir(), 'opaline-cache-'));
    const link: StoreLink = await cluster.link();
    const fetch = link.fetch.bind(link);
    link.fetch = (request, options) => (fetched++, fetch(request, options));
    service = await startService({ folder: cluster.folder, scratch: cluster.scratch, link });
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await table[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    rmSync(cache, { recursive: true, force: true });
  });

  const worker = (token = '', threads = 0): ReturnType<typeof startWorker> =>
    startWorker({
      redis: cluster.redis.url,
      store: { kind: 'remote', address: service.address, token, cache, cacheBytes: 1 << 30 },
      threads,
    });

  it('answers over HTTP; a repeat moves no part, nor does the next worker here', async () => {
    await using vault = await table.over(new HttpLink(service.address));
    {
      await using _ = await worker('', 1);
      expect((await vault.query(SQL)).rows).toEqual(answer(SEGMENTS));
      expect(fetched).toBeGreaterThan(0);
      const [folder] = readdirSync(cache);
      expect(readdirSync(join(cache, folder!)).length).toBeGreaterThanOrEqual(2 * SEGMENTS);
      fetched = 0;
      expect((await vault.query(SQL)).rows).toEqual(answer(SEGMENTS));
    }
    await using _ = await worker();
    expect((await vault.query(SQL)).rows).toEqual(answer(SEGMENTS));
    expect(fetched).toBe(0);
    expect(readdirSync(join(cluster.folder, 'scratch'))).toEqual([]);
  });

  it('is turned away without the scope to work, and told so', async () => {
    const reader = await service.tokens.add('reader', ['read'], null);
    await expect(worker()).rejects.toMatchObject({ code: 'STORE_UNAUTHORIZED' });
    await expect(worker(reader)).rejects.toMatchObject({
      code: 'STORE_FORBIDDEN',
      details: { scope: 'work' },
    });
    const able = await service.tokens.add('worker', ['read', 'work'], null);
    await using _ = await worker(able);
    await using vault = await table.over(new HttpLink(service.address, able));
    expect((await vault.query(SQL)).rows).toEqual(answer(SEGMENTS));
  });

  it('finds no place for the results of a query that has ended', async () => {
    const token = await service.tokens.add('late', ['work'], null);
    const scratch = new HttpScratch(service.address, token);
    const [query, id] = ['a'.repeat(32), 'b'.repeat(32)];
    await expect(scratch.writeScratch(query, id, new Uint8Array(9))).rejects.toMatchObject({
      code: 'ABORTED',
    });
    await expect(scratch.readScratch(query, id)).rejects.toMatchObject({ code: 'PART_MISSING' });
  });

  it('is told when the store runs its queries by itself', async () => {
    await using alone = await startService();
    await expect(new HttpScratch(alone.address).identity()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('serve it with --cluster'),
    });
  });
});
