import type { Command } from 'commander';
import { OpalineError } from '../../errors/opaline-error.ts';
import { print } from '../output/print.ts';
import { readSigner, withGovernance } from './governed-command.ts';
import { addVaultOptions, type VaultOptions } from './vault-command.ts';

interface ApproveFlags extends VaultOptions {
  readonly key?: string;
}

export function addApprove(program: Command, signal: AbortSignal): void {
  const command = program
    .command('approve')
    .description('approve a request that waits at the gate; without one, list those that wait')
    .argument('<vault>', 'the vault’s folder')
    .argument('[request]', 'its hash, as the gate told who asked')
    .option('--key <file>', 'the approver’s secret key, whose name is the principal’s');
  addVaultOptions(command).action(
    (path: string, request: string | undefined, flags: ApproveFlags) =>
      withGovernance(path, flags, signal, async ({ approvals }) => {
        const now = Date.now();
        if (request === undefined) {
          const { requestHash } = await import('../../policy/request-hash.ts');
          const waiting = await approvals.waiting(now);
          const lines = waiting.map((one) => {
            const { principal, purpose, sql, parameters } = one;
            const given = one.approvals.map(({ approver }) => approver);
            const shown = { request: requestHash(one), principal, purpose, sql, parameters, given };
            return `${JSON.stringify(shown)}\n`;
          });
          await print(lines.join(''));
          return;
        }
        if (flags.key === undefined || !/^[0-9a-f]{64}$/.test(request)) {
          throw new OpalineError('USAGE', { reason: 'give a request’s hash and --key' });
        }
        const { key, secret } = await readSigner(flags.key);
        await approvals.approve(request, key.name, secret, now);
        await print(`approved by ${key.name}\n`);
      }),
  );
}
