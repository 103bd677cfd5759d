import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HeldJobs } from '../../../../src/run/cluster/held-jobs.ts';
import { type ClusterNames, clusterNames } from '../../../../src/run/cluster/queues.ts';
import { describeWithRedis, startRedis, type TestRedis } from '../../../support/redis.ts';

describeWithRedis('the record of who is at which job', () => {
  let redis: TestRedis;
  let client: Redis;
  let names: ClusterNames;
  let held: HeldJobs;
  beforeAll(async () => {
    redis = await startRedis();
    client = redis.connect();
    names = clusterNames('a'.repeat(32));
    held = new HeldJobs(client, names);
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  const job = (id: string, token: string): Job => ({ queueName: 'q', id, token }) as Job;
  const lock = (id: string): string => `${names.prefix}:q:${id}:lock`;

  it('frees the locks of a lost worker, and no lock that another has by now', async () => {
    for (const [id, token] of Object.entries({ one: 'lost:1', two: 'lost:2', three: 'lost:3' })) {
      held.take('lost', job(id, token));
      await client.set(lock(id), token);
    }
    held.drop('lost', job('three', 'lost:3'));
    await client.set(lock('two'), 'other:1');
    await held.free('lost');
    expect(await client.mget(lock('one'), lock('two'), lock('three'))).toEqual([
      null,
      'other:1',
      'lost:3',
    ]);
    expect(await client.smembers(`${names.prefix}:q:stalled`)).toEqual(['one']);
    expect(await client.exists(names.held('lost'))).toBe(0);
  });

  it('has nothing to free of a worker that was at nothing', async () => {
    await held.free('idle');
    expect(await client.exists(names.held('idle'))).toBe(0);
  });
});
