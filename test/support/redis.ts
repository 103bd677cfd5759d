import { setTimeout as delay } from 'node:timers/promises';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { describe, it } from 'vitest';
import { freePort } from '../../bench/free-port.ts';

/** A Redis of a test's own: a free port of loopback, nothing on disk. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** A connection for looking inside. */
  connect(): Redis;
  /**
   * The arguments of every command that comes from now on, until disposal. Over a socket of its own: a client
   * that knows replies loses count when commands are told before its MONITOR is answered.
   */
  monitor(take: (args: readonly string[]) => void): Promise<Disposable>;
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
  let port = 0;
  let url = '';
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
    // Between the look for a free port and its use another process may have taken it.
    if ((await processAnswering(url)) !== child.pid) throw new PortTaken();
  };
  for (let tries = 1; port === 0; tries++) {
    port = await freePort();
    url = `redis://127.0.0.1:${port}`;
    try {
      await start();
    } catch (error) {
      await kill();
      if (!(error instanceof PortTaken) || tries === TRIES) throw error;
      port = 0;
    }
  }
  return {
    url,
    connect: () => {
      const client = new Redis(url, { maxRetriesPerRequest: null });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    monitor: (take) => monitorCommands(port, take),
    kill,
    start,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const TRIES = 5;

class PortTaken extends Error {
  override readonly message = 'the port of a test Redis belongs to another process';
}

/** The process that answers at an address, once one does; undefined where it is no Redis. */
async function processAnswering(url: string): Promise<number | undefined> {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  try {
    const silence = delay(PATIENCE_MS, undefined, { ref: false });
    const about = await Promise.race([client.info('server'), silence]);
    return Number(/process_id:(\d+)/.exec(about ?? '')?.[1]);
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}

async function monitorCommands(
  port: number,
  take: (args: readonly string[]) => void,
): Promise<Disposable> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1').on('error', () => undefined);
  const begun = new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('MONITOR was not answered')));
    createInterface(socket).on('line', (line) => {
      // `+OK`, then `+<time> [<database> <client>] "<argument>" …`.
      if (line === '+OK') resolve();
      else take(Array.from(line.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, argument]) => argument!));
    });
  });
  socket.write('MONITOR\r\n');
  await begun;
  return { [Symbol.dispose]: () => void socket.destroy() };
}

/** For what takes a connection and is no Redis. */
const PATIENCE_MS = 20_000;

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
