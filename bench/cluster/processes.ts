import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { OPALINE } from '../child.ts';

/** A program of the cluster, ended with the bench. */
export interface Running extends AsyncDisposable {
  readonly name: string;
  /** What it has said on stderr. */
  said(): string;
  says(pattern: RegExp): Promise<RegExpExecArray>;
  kill(): Promise<void>;
}

function start(name: string, command: string, args: readonly string[]): Running {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit');
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  };
  return {
    name,
    said: () => said,
    says: async (pattern) => {
      for (;;) {
        const match = pattern.exec(said);
        if (match !== null) return match;
        if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** A Redis on a free port of loopback, nothing on disk. Throws where redis-server is not installed. */
export async function startRedis(folder: string): Promise<Running & { readonly url: string }> {
  const port = await freePort();
  const options = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1', '--dir', folder];
  const redis = start('redis-server', 'redis-server', ['--port', String(port), ...options]);
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 60 });
  client.on('error', () => undefined);
  try {
    await client.ping();
  } finally {
    client.disconnect();
  }
  return { ...redis, url };
}

/** `opaline serve --cluster` of a folder. */
export async function startServe(
  folder: string,
  redis: string,
): Promise<Running & { readonly address: string }> {
  const args = ['serve', join(folder, 'store'), '--port', '0', '--threads', '0'];
  const serve = start('opaline serve', process.execPath, [OPALINE, ...args, '--cluster', redis]);
  const [, address = ''] = await serve.says(/ at (http:\S+); stop/);
  return { ...serve, address };
}

/** `opaline worker` with one evaluation thread, which reaches the store over HTTP. */
export async function startWorker(folder: string, redis: string, store: string): Promise<Running> {
  const where = ['--store', store, '--cache', join(folder, 'cache')];
  const args = ['worker', '--cluster', redis, ...where, '--threads', '1'];
  const worker = start('opaline worker', process.execPath, [OPALINE, ...args]);
  await worker.says(/Working as/);
  return worker;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
