import { Option, type Command } from 'commander';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { ToolBundle } from '../../policy/tool/bundle.ts';
import type { ToolReport } from '../../policy/tool/report.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { startProgress } from '../progress.ts';
import { notice } from '../report.ts';
import { expiryOf, openOwned, readSigner, timeText, withGovernance } from './governed-command.ts';
import { readBundleFile } from './read-bundle.ts';
import { addVaultOptions, collect, type VaultOptions } from './vault-command.ts';
import { wholeNumber } from './whole-number.ts';

interface ToolFlags extends VaultOptions {
  readonly format: 'text' | 'json';
}

interface CertifyFlags extends VaultOptions {
  readonly officer: readonly string[];
  readonly days: number;
}

const HELP = `
A tool is a bundle: JSON that says its name, vendor and release, the purpose and table that it is for, its queries
(SQL with $1, $2, …), what each parameter may be, how answers look, and how many calls and cells a period it takes.
It is tested on rows that are made for it, in memory; whether figures are of too few people is judged when it asks.
It asks through the gate as a principal of its own (opaline principal add VAULT NAME --kind tool --bundle FILE), and
is suspended at once for anything else than its bundle says, until the officers certify it again.`;

/** A certificate does not outlast this. */
const MOST_DAYS = 366;

export function addTool(program: Command, signal: AbortSignal): void {
  const command = program
    .command('tool')
    .description('third-party tools: tested on synthetic rows, certified by hash, cut off in time')
    .addHelpText('after', HELP);
  const format = (): Option =>
    new Option('--format <format>').choices(['text', 'json']).default('text');
  const test = command
    .command('test')
    .description('try every query of a bundle under the policy in force; exit 1 if a check failed')
    .argument('<vault>', 'the vault’s folder')
    .argument('<bundle>', 'a tool’s bundle in JSON (- is stdin)')
    .addOption(format());
  addVaultOptions(test).action((path: string, file: string, flags: ToolFlags) =>
    tryTool(path, file, flags, signal),
  );
  const certify = command
    .command('certify')
    .description('test a bundle and, where all checks pass, certify it as the vault’s officers')
    .argument('<vault>', 'the vault’s folder')
    .argument('<bundle>', 'a tool’s bundle in JSON (- is stdin)')
    .requiredOption(
      '--officer <file>',
      'an officer’s secret key (repeatable: all of them)',
      collect,
    )
    .option('--days <number>', 'for so many days', wholeNumber, 90);
  addVaultOptions(certify).action((path: string, file: string, flags: CertifyFlags) =>
    certifyBundle(path, file, flags, signal),
  );
  const revoke = command
    .command('revoke')
    .description('the gate denies it from the next step of any request on')
    .argument('<vault>', 'the vault’s folder')
    .argument('<name>', 'as list shows it')
    .requiredOption('--reason <text>', 'why, for the log');
  addVaultOptions(revoke).action(
    (path: string, name: string, flags: VaultOptions & { readonly reason: string }) =>
      withGovernance(path, flags, signal, async ({ tools }) => {
        await tools.revoke(name, flags.reason);
        await print(`${name} is revoked\n`);
      }),
  );
  const list = command
    .command('list')
    .description('list tools, and what stands for each')
    .argument('<vault>', 'the vault’s folder')
    .addOption(format());
  addVaultOptions(list).action((path: string, flags: ToolFlags) => listTools(path, flags, signal));
}

async function tryTool(
  path: string,
  file: string,
  flags: ToolFlags,
  signal: AbortSignal,
): Promise<void> {
  const bundle = await readBundleFile(file);
  const { testVaultTool } = await vaultTool();
  await using vault = await openOwned(path, flags, signal);
  const governance = await vault.governance();
  const schemas = (await vault.tables()).map(({ schema }) => schema);
  const report = await withProgress((onProgress) =>
    testVaultTool(governance, schemas, bundle, { now: Date.now(), signal, onProgress }),
  );
  const text =
    flags.format === 'json'
      ? `${JSON.stringify(report)}\n`
      : (await texts()).toolReportText(report);
  await print(text);
  requirePassed(bundle, report);
}

async function certifyBundle(
  path: string,
  file: string,
  flags: CertifyFlags,
  signal: AbortSignal,
): Promise<void> {
  if (flags.days < 1 || flags.days > MOST_DAYS) {
    throw new OpalineError('USAGE', { reason: `--days: 1 to ${MOST_DAYS}` });
  }
  const bundle = await readBundleFile(file);
  const signers = await Promise.all(flags.officer.map(readSigner));
  const { certifyTool, testVaultTool } = await vaultTool();
  await using vault = await openOwned(path, flags, signal);
  const governance = await vault.governance();
  const schemas = (await vault.tables()).map(({ schema }) => schema);
  const report = await withProgress((onProgress) =>
    testVaultTool(governance, schemas, bundle, { now: Date.now(), signal, onProgress }),
  );
  requirePassed(bundle, report);
  const expires = expiryOf(flags.days)!;
  const { bundle: hash } = await certifyTool(governance, bundle, report, signers, expires);
  notice(`${report.checks.length} checks passed on ${report.rows} synthetic rows.`);
  await print(
    `${bundle.name} ${oneLine(bundle.release)} is certified until ${timeText(expires)}: ${hash}\n`,
  );
}

/** @throws CHECK_FAILED naming every check that did */
function requirePassed({ name }: ToolBundle, { checks }: ToolReport): void {
  const failed = checks.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return;
  for (const { id, query, found } of failed) {
    notice(oneLine(`${query === null ? '' : `${query}: `}${id}: ${found}`));
  }
  throw new OpalineError('CHECK_FAILED', { path: name, problems: failed.length });
}

async function withProgress<T>(
  run: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const progress = await startProgress('testing', 'queries');
  return await run((done, total) => progress.update(done, total)).finally(() => progress.stop());
}

async function listTools(path: string, flags: ToolFlags, signal: AbortSignal): Promise<void> {
  const { toolJson, toolListText, toolState } = await texts();
  const { toHex } = await import('../../bytes/hex.ts');
  await withGovernance(path, flags, signal, async ({ tools, policy }) => {
    const digest = (await policy.find())?.digest;
    const inForce = digest && toHex(digest);
    const listed = (await tools.list()).map((tool) => ({
      tool,
      state: toolState(tool, inForce, Date.now()),
    }));
    await print(
      flags.format === 'json'
        ? listed.map(({ tool, state }) => `${JSON.stringify(toolJson(tool, state))}\n`).join('')
        : toolListText(listed),
    );
  });
}

/** Not within a function that has `await using`: tsc would not rewrite the imports there. */
const vaultTool = (): Promise<typeof import('../../client/governance/tools/vault-tool.ts')> =>
  import('../../client/governance/tools/vault-tool.ts');
const texts = (): Promise<typeof import('../output/tool-text.ts')> =>
  import('../output/tool-text.ts');
