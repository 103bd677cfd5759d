import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { OpalineError } from '../../errors/opaline-error.ts';
import { readPassphrase, type PassphraseOptions } from '../passphrase.ts';
import { notice } from '../report.ts';
import { homeFolder } from '../user.ts';
import { storeTokenFromEnvironment } from './vault-command.ts';
import { wholeNumber } from './whole-number.ts';

interface ServeFlags extends PassphraseOptions {
  readonly store: string;
  readonly host: string;
  readonly port: number;
  readonly cache?: string;
  readonly cacheSize: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

const HELP = `
Beside the share it keeps what it has answered (.answered) and the newest checkpoint of the log in which the vault announces
what it asks (.checkpoint). A log that has fewer entries than that, or other ones, was rolled back or rewritten, and nothing
is answered. Where a vault was restored from a backup that is older than its last request, remove the .checkpoint, once you
know that: the next request is then what later ones are compared with. What was answered stays answered.`;

export function addCustodian(program: Command, signal: AbortSignal): void {
  const command = program
    .command('custodian')
    .description('hold one share of a divided key, and answer for it');
  command
    .command('serve')
    .description(
      'answer signed and logged requests, each plan once, after evaluating it again here',
    )
    .argument('<share>', 'the share’s file, from custody deal')
    .requiredOption('--store <address>', 'the store of the tables: http(s)://… or a folder')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 is any free one', wholeNumber, 8790)
    .option('--cache <folder>', 'where verified parts are kept')
    .option('--cache-size <GB>', 'how much of them', wholeNumber, 8)
    .option('--passphrase-file <file>', 'read the share’s passphrase from a file')
    .addOption(
      new Option('--log-level <level>', 'logs go to stderr')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addHelpText('after', HELP)
    .action((share: string, flags: ServeFlags) => serve(share, flags, signal));
}

async function serve(path: string, flags: ServeFlags, signal: AbortSignal): Promise<void> {
  if (flags.port > 65_535) {
    throw new OpalineError('USAGE', { reason: '--port: a port is at most 65535' });
  }
  const file = await readFile(path).catch(() => {
    throw new OpalineError('INPUT_NOT_FOUND', { path });
  });
  const passphrase = await readPassphrase(flags, signal);
  const { startCustodian } = await import('../../gateway/custodian/start.ts');
  const { host, port, logLevel, store, cacheSize } = flags;
  const running = await startCustodian({
    file: new Uint8Array(file),
    path,
    passphrase,
    store,
    storeToken: storeTokenFromEnvironment() ?? '',
    host,
    port,
    logLevel,
    cache: flags.cache ?? join(homeFolder('--cache'), '.cache', 'opaline', 'custodian'),
    cacheBytes: cacheSize * 1e9,
  });
  if (running.known === 0) {
    notice(
      'Nothing was seen of the vault’s log before: later requests are compared with the first.',
    );
  }
  notice(`Custodian ${running.index} answers at ${running.address}; stop with Ctrl-C.`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await running[Symbol.asyncDispose]();
}
