import { Option, type Command } from 'commander';
import { OpalineError } from '../../errors/opaline-error.ts';
import { notice } from '../report.ts';
import { programVersion } from '../version.ts';
import { openOwned } from './governed-command.ts';
import { addVaultOptions, type VaultOptions } from './vault-command.ts';
import { wholeNumber } from './whole-number.ts';

interface GateFlags extends VaultOptions {
  readonly host: string;
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export function addGate(program: Command, signal: AbortSignal): void {
  const gate = program
    .command('gate')
    .description('answer others by the vault’s policy: they send a query, a purpose and a token');
  const serve = gate
    .command('serve')
    .description('serve the gate over HTTP; results alone leave it')
    .argument('<vault>', 'the vault’s folder')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 is any free one', wholeNumber, 8788)
    .addOption(
      new Option('--log-level <level>', 'logs go to stderr')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    );
  addVaultOptions(serve).action((path: string, flags: GateFlags) => run(path, flags, signal));
}

/** Serves until it is interrupted, and then lets running requests end. */
async function run(path: string, flags: GateFlags, signal: AbortSignal): Promise<void> {
  const { host, port, logLevel } = flags;
  if (port > 65_535) {
    throw new OpalineError('USAGE', { reason: '--port: a port is at most 65535' });
  }
  const { serveGate } = await gateway();
  await using vault = await openOwned(path, flags, signal);
  const governance = await vault.governance();
  await using open = await governance.openGate();
  await using served = await serveGate({
    gate: open,
    host,
    port,
    logLevel,
    version: programVersion(),
  });
  notice(`The gate of ${path} answers at ${served.address}; stop with Ctrl-C.`);
  const frozen = await governance.incidents.records.frozenBy();
  if (frozen !== undefined) {
    notice(`Frozen by incident ${frozen}: nothing is answered until an officer closes it.`);
  }
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Not within a function that has `await using`: tsc would not rewrite the import there. */
const gateway = (): Promise<typeof import('../../gateway/serve-gate.ts')> =>
  import('../../gateway/serve-gate.ts');
