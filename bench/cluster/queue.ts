import { FlowProducer, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { randomBytes } from 'node:crypto';

/** What a queue takes, with jobs like ours that do nothing. */
export interface QueueRates {
  /** Leaf jobs added a second, in flows of nodes with 16 leaves. */
  readonly added: number;
  /** Jobs ended a second by one worker process, results written and parents told. */
  readonly ended: number;
  /** Commands that Redis ran for each job, from being added to being removed. */
  readonly commands: number;
  /** Bytes Redis holds for each job that waits. */
  readonly bytes: number;
  /** CPU time of Redis for each job, in microseconds: one core's worth is what one Redis can do. */
  readonly redisMicroseconds: number;
}

const NODES = 128;
const LEAVES = 16;
const CONCURRENCY = 16;

export async function queueRates(url: string): Promise<QueueRates> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const flows = new FlowProducer({ connection, prefix: 'bench', skipVersionCheck: true });
  const id = (): string => randomBytes(16).toString('hex');
  const jobs = NODES * (LEAVES + 1);
  const before = await figures(connection);
  const opts = { attempts: 3, removeOnComplete: true, removeOnFail: true };
  const data = (): object => ({ version: 1, query: id(), until: 0, input: id(), output: id() });
  const flow = (): object => ({
    name: 'node',
    queueName: 'shared',
    data: data(),
    opts,
    children: Array.from({ length: LEAVES }, () => ({
      name: 'leaf',
      queueName: 'own',
      data: data(),
      opts,
    })),
  });
  const begun = performance.now();
  for (let i = 0; i < NODES; i++) await flows.add(flow() as Parameters<FlowProducer['add']>[0]);
  const added = performance.now() - begun;
  const full = await figures(connection);
  const done = Promise.withResolvers<void>();
  let ended = 0;
  const work = async (): Promise<object> => {
    if (++ended === jobs) setTimeout(() => done.resolve(), 0);
    return { ok: id() };
  };
  const started = performance.now();
  const workers = ['own', 'shared'].map(
    (name) =>
      new Worker(name, work, {
        connection,
        prefix: 'bench',
        concurrency: CONCURRENCY,
        skipVersionCheck: true,
      }),
  );
  await done.promise;
  const worked = performance.now() - started;
  await Promise.all(workers.map((worker) => worker.close()));
  const after = await figures(connection);
  await flows.close();
  connection.disconnect();
  return {
    added: (1000 * jobs) / added,
    ended: (1000 * jobs) / worked,
    commands: (after.commands - before.commands) / jobs,
    bytes: (full.memory - before.memory) / jobs,
    redisMicroseconds: (1e6 * (after.cpuSeconds - before.cpuSeconds)) / jobs,
  };
}

interface RedisFigures {
  readonly commands: number;
  readonly memory: number;
  readonly cpuSeconds: number;
}

async function figures(redis: Redis): Promise<RedisFigures> {
  const info = await redis.info();
  const of = (name: string): number => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]);
  return {
    commands: of('total_commands_processed'),
    memory: of('used_memory'),
    cpuSeconds: of('used_cpu_sys') + of('used_cpu_user'),
  };
}
