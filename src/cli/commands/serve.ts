import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import type { Scratch } from '../../store/backend.ts';
import type { StoreLink } from '../../store/link.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { notice } from '../report.ts';
import { programVersion } from '../version.ts';
import { wholeNumber } from './whole-number.ts';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly threads: number;
  readonly cluster?: string;
  readonly allowOrigin?: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export function addServe(program: Command, signal: AbortSignal): void {
  program
    .command('serve')
    .description('serve a store’s folder over HTTP: no key, value or search term ever reaches it')
    .argument('<store>', 'the store’s folder; made when it does not exist')
    .option(
      '--host <address>',
      'address to listen on; others than loopback need a token',
      '127.0.0.1',
    )
    .option('--port <number>', 'port to listen on; 0 is any free one', wholeNumber, 8787)
    .option(
      '--threads <number>',
      'evaluation threads; 0: none',
      wholeNumber,
      Math.min(8, availableParallelism()),
    )
    .option('--cluster <redis>', 'run queries on workers (opaline worker) by this queue')
    .option(
      '--allow-origin <origin>',
      'let web pages of this origin call, as https://app.example; may be given again',
      (origin: string, before: readonly string[] = []) => [...before, origin],
    )
    .addOption(
      new Option('--log-level <level>', 'logs go to stderr')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .action((store: string, flags: ServeFlags) => run(store, flags, signal));
}

/** Serves until it is interrupted, and then lets running requests end. */
async function run(store: string, flags: ServeFlags, signal: AbortSignal): Promise<void> {
  if (flags.port > 65_535) {
    throw new OpalineError('USAGE', { reason: '--port: a port is at most 65535' });
  }
  const [{ createStore, openStore }, { serve }] = await Promise.all([
    import('../../client/store-address.ts'),
    import('../../service/serve.ts'),
  ]);
  if (/^[a-z]+:\/\//.test(store)) {
    throw new OpalineError('USAGE', { reason: 'serve takes a folder' });
  }
  await createStore(store, '');
  const { host, port, logLevel, cluster, allowOrigin } = flags;
  const embedded = await openStore(store, '', flags.threads);
  const { link, scratch } =
    cluster === undefined ? { link: embedded } : await onCluster(cluster, store, embedded);
  const version = programVersion();
  const service = await serve({
    folder: store,
    link,
    ...(scratch && { scratch }),
    ...(allowOrigin && { allowOrigins: allowOrigin }),
    host,
    port,
    logLevel,
    version,
  });
  notice(`Serving ${store} at ${service.address}; stop with Ctrl-C.`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await service[Symbol.asyncDispose]();
}

async function onCluster(
  redis: string,
  folder: string,
  inner: StoreLink,
): Promise<{ link: StoreLink; scratch?: Scratch }> {
  const { openCluster } = await import('../../service/cluster.ts');
  return await openCluster({ redis, folder }, inner);
}
