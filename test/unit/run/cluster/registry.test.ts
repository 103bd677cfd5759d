import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClusterNames, checkRedis, clusterNames } from '../../../../src/run/cluster/queues.ts';
import { Registry } from '../../../../src/run/cluster/registry.ts';
import { describeWithRedis, startRedis, type TestRedis } from '../../../support/redis.ts';

describeWithRedis('the registry of workers', () => {
  let redis: TestRedis;
  let client: Redis;
  let names: ClusterNames;
  let registry: Registry;
  beforeAll(async () => {
    redis = await startRedis();
    client = redis.connect();
    names = clusterNames('a'.repeat(32));
    registry = new Registry(client, names);
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  it('has those that gave a sign of life, and tells when it stays out', async () => {
    expect(await registry.members()).toEqual({ present: [], gone: [] });
    await registry.join('b', redis.connect());
    await registry.join('a', redis.connect());
    expect(await registry.members()).toEqual({ present: ['a', 'b'], gone: [] });
    // The expiry is Redis' own; here it is brought about.
    await client.del(names.presence('a'));
    expect(await client.pttl(names.presence('b'))).toBeGreaterThan(0);
    expect(await registry.members()).toEqual({
      present: ['b'],
      gone: [{ worker: 'a', lingers: true }],
    });
    await client.del(names.lingering('a'));
    await registry.leave('b');
    expect((await registry.members()).gone).toEqual([
      { worker: 'a', lingers: false },
      { worker: 'b', lingers: true },
    ]);
    await registry.forget('a');
    expect((await registry.members()).gone.map(({ worker }) => worker)).toEqual(['b']);
  });

  it('knows at once of a process that died: its connection is gone', async () => {
    const connection = redis.connect();
    await registry.join('c', connection);
    expect((await registry.members()).present).toContain('c');
    connection.disconnect();
    await expect.poll(async () => (await registry.members()).present).not.toContain('c');
    expect(await client.pttl(names.presence('c'))).toBeGreaterThan(0);
  });

  it('gives one that is gone to one of the others', async () => {
    const adopters = ['x', 'y', 'z'];
    const said = await Promise.all(adopters.map((adopter) => registry.adopt('dead', adopter)));
    expect(said.filter(Boolean)).toHaveLength(1);
    const first = adopters[said.indexOf(true)]!;
    expect(await registry.adopt('dead', first)).toBe(true);
  });

  it('keeps stores that share a Redis apart', async () => {
    const other = new Registry(client, clusterNames('b'.repeat(32)));
    expect(await other.members()).toEqual({ present: [], gone: [] });
  });
});

it('takes addresses of a Redis alone', () => {
  expect(checkRedis('rediss://host:1/2')).toBe('rediss://host:1/2');
  for (const address of ['host:6379', 'http://host', '', 'redis']) {
    expect(() => checkRedis(address)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  }
});
