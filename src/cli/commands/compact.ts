import type { Command } from 'commander';
import type { CompactReport } from '../../client/api.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { countText } from '../output/quantity.ts';
import { startProgress } from '../progress.ts';
import { addVaultOptions, openVaultFor, type VaultOptions } from './vault-command.ts';

interface CompactFlags extends VaultOptions {
  readonly table?: string;
}

export function addCompact(program: Command, signal: AbortSignal): void {
  const command = program
    .command('compact')
    .description('merge small appends and segments, and drop deleted rows')
    .argument('<vault>', 'the vault’s folder')
    .option('--table <name>', 'only this table');
  addVaultOptions(command).action((path: string, flags: CompactFlags) =>
    compact(path, flags, signal),
  );
}

async function compact(path: string, flags: CompactFlags, signal: AbortSignal): Promise<void> {
  await using vault = await openVaultFor(path, flags, signal);
  const progress = await startProgress('compacting', 'rows');
  const reports = await vault
    .compact(flags.table, { signal, onProgress: (done, total) => progress.update(done, total) })
    .finally(() => progress.stop());
  await print(reports.length === 0 ? 'no tables\n' : reports.map(line).join(''));
}

function line({ table, rows, segmentsBefore, segmentsAfter, epoch, ms }: CompactReport): string {
  const name = oneLine(table);
  if (segmentsBefore === segmentsAfter && rows === 0) return `${name}: compact already\n`;
  return (
    `${name}: ${countText(rows, 'row')} written anew, ${countText(segmentsBefore, 'segment')} ` +
    `before, ${segmentsAfter} now, epoch ${epoch}, ${(ms / 1000).toFixed(1)} s\n`
  );
}
