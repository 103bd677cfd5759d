import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, it } from 'vitest';
import { freePort } from '../../bench/free-port.ts';

/** A Redis of a test's own: a free port of loopback, nothing on disk. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** A connection for looking inside. */
  connect(): Redis;
  /** Ended at once, all data lost. */
  kill(): Promise<void>;
  /** Once more, on the same port. */
  start(): Promise<void>;
}

function installed(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const REASON = 'redis-server is not installed';
export const hasRedis: boolean = installed();

/**
 * Tests that need Redis. Without it they are skipped, and the run says so; in CI they fail, since
 * nothing else would tell that they never ran.
 */
export function describeWithRedis(name: string, tests: () => void): void {
  if (hasRedis) {
    describe(name, tests);
  } else if (process.env['CI'] === undefined || process.env['CI'] === 'false') {
    process.stderr.write(`skipped: ${name}: ${REASON}\n`);
    describe.skip(`${name} (${REASON})`, tests);
  } else {
    it(name, () => {
      throw new Error(`${REASON}, and CI may not skip what needs it`);
    });
  }
}

export async function startRedis(): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'opaline-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const clients: Redis[] = [];
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    await new Promise((resolve) => ending.once('exit', resolve).kill('SIGKILL'));
  };
  const start = async (): Promise<void> => {
    const options = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];
    child = spawn('redis-server', ['--port', String(port), '--dir', folder, ...options], {
      stdio: 'ignore',
    });
    await answering(url);
  };
  await start();
  return {
    url,
    connect: () => {
      const client = new Redis(url, { maxRetriesPerRequest: null });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    kill,
    start,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answering(url: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  try {
    await client.ping();
  } finally {
    client.disconnect();
  }
}

/** Every key of a Redis with all that it holds, as text and bytes to search in. */
export async function dumpRedis(client: Redis): Promise<{ name: string; bytes: Uint8Array }[]> {
  const found: { name: string; bytes: Uint8Array }[] = [];
  for (const key of await client.keys('*')) {
    const keep = (value: unknown): void => {
      if (Buffer.isBuffer(value)) found.push({ name: key, bytes: value });
      else if (Array.isArray(value)) value.forEach(keep);
    };
    found.push({ name: `name of ${key}`, bytes: Buffer.from(key) });
    switch (await client.type(key)) {
      case 'string':
        keep(await client.getBuffer(key));
        break;
      case 'hash':
        keep(await client.callBuffer('HGETALL', key));
        break;
      case 'list':
        keep(await client.lrangeBuffer(key, 0, -1));
        break;
      case 'set':
        keep(await client.smembersBuffer(key));
        break;
      case 'zset':
        keep(await client.callBuffer('ZRANGE', key, '0', '-1'));
        break;
      case 'stream':
        keep(await client.callBuffer('XRANGE', key, '-', '+'));
        break;
    }
  }
  return found;
}
