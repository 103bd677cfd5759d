import type { Command } from 'commander';
import { print } from '../output/print.ts';
import { rotateReportLine } from '../output/rotate-report.ts';
import { startProgress } from '../progress.ts';
import { addVaultOptions, openVaultFor, type VaultOptions } from './vault-command.ts';

interface VerifyFlags extends VaultOptions {
  readonly liftFreeze?: true;
}

export function addVerify(program: Command, signal: AbortSignal): void {
  const command = program
    .command('verify')
    .description('give every table what answers are verified by; stopped, it goes on where it was')
    .argument('<vault>', 'the vault’s folder')
    .option('--lift-freeze', 'the store was examined: verified answers are given again')
    .addHelpText(
      'after',
      '\nTables get a check column beside each column of sums, and MACs of their posting lists, now and\n' +
        'with all that is written later: then opaline query --verified refuses an answer that the store\n' +
        'falsified, and every verified answer after it until the freeze is lifted.\n',
    );
  addVaultOptions(command).action((path: string, flags: VerifyFlags) =>
    verify(path, flags, signal),
  );
}

async function verify(path: string, flags: VerifyFlags, signal: AbortSignal): Promise<void> {
  await using vault = await openVaultFor(path, flags, signal);
  if (flags.liftFreeze === true) {
    const since = await vault.frozenSince();
    await vault.liftFreeze();
    await print(
      since === undefined
        ? 'verified answers were not frozen\n'
        : `verified answers, frozen since ${since.toISOString()}, are given again\n`,
    );
    return;
  }
  const progress = await startProgress('verifying', 'rows');
  const reports = await vault
    .verify({ signal, onProgress: (done, total) => progress.update(done, total) })
    .finally(() => progress.stop());
  await print(
    reports.length === 0
      ? 'every table can be verified already\n'
      : reports.map((report) => rotateReportLine(report, 'given check columns')).join(''),
  );
}
