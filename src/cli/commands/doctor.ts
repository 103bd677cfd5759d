import { Option, type Command } from 'commander';
import type { Finding } from '../../client/api.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { startProgress } from '../progress.ts';
import { addVaultOptions, openVaultFor, type VaultOptions } from './vault-command.ts';

interface DoctorFlags extends VaultOptions {
  readonly deep?: true;
  readonly repair?: true;
  readonly format: 'text' | 'json';
}

export function addDoctor(program: Command, signal: AbortSignal): void {
  const command = program
    .command('doctor')
    .description('check that the vault and what the store keeps fit together; exit 1 if not')
    .argument('<vault>', 'the vault’s folder')
    .option('--deep', 'read and check every part, not only that it is there')
    .option('--repair', 'remove what writes that did not finish left in the store')
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'));
  addVaultOptions(command).action((path: string, flags: DoctorFlags) =>
    doctor(path, flags, signal),
  );
}

async function doctor(path: string, flags: DoctorFlags, signal: AbortSignal): Promise<void> {
  await using vault = await openVaultFor(path, flags, signal);
  const progress = await startProgress('checking', 'parts');
  const findings = await vault
    .check({
      signal,
      deep: flags.deep ?? false,
      repair: flags.repair ?? false,
      onProgress: (done, total) => progress.update(done, total),
    })
    .finally(() => progress.stop());
  await print(
    flags.format === 'json' ? `${JSON.stringify({ findings })}\n` : findings.map(line).join(''),
  );
  const problems = findings.filter(({ level }) => level === 'problem').length;
  if (problems > 0) throw new OpalineError('CHECK_FAILED', { path, problems });
}

const line = ({ level, table, text }: Finding): string =>
  `${level.padEnd(7)}  ${table === undefined ? '' : `${oneLine(table)}: `}${oneLine(text)}\n`;
