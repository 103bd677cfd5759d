import type { Command } from 'commander';
import { z } from 'zod';
import type { NewConsent } from '../../client/governance/consent-ledger.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { print } from '../output/print.ts';
import { expiryOf, withGovernance } from './governed-command.ts';
import { readInput } from './read-input.ts';
import { addVaultOptions, type VaultOptions } from './vault-command.ts';
import { wholeNumber } from './whole-number.ts';

interface GrantFlags extends VaultOptions {
  readonly purpose: string;
  readonly notice: string;
  readonly days?: number;
}

interface WithdrawFlags extends VaultOptions {
  readonly purpose: string;
  readonly notice?: string;
}

interface ExportFlags extends VaultOptions {
  readonly subject?: string;
}

export function addConsent(program: Command, signal: AbortSignal): void {
  const command = program
    .command('consent')
    .description(
      'who consented to what, by which version of the notice; works beside a running gate',
    );
  const grant = command
    .command('grant')
    .description('record a consent and print its id')
    .argument('<vault>', 'the vault’s folder')
    .argument('<subject>', 'as the rows name them')
    .requiredOption('--purpose <name>', 'of the policy')
    .requiredOption('--notice <version>', 'version of the notice that explained it')
    .option('--days <number>', 'for so many days (default: until withdrawn)', wholeNumber);
  addVaultOptions(grant).action((path: string, subject: string, flags: GrantFlags) =>
    withGovernance(path, flags, signal, async ({ consent }) => {
      const { purpose, notice, days } = flags;
      const given = [{ subject, purpose, notice, expires: expiryOf(days) }];
      const [record] = await consent.grant(given, Date.now());
      await print(`${record!.id}\n`);
    }),
  );
  const withdraw = command
    .command('withdraw')
    .description('from the next step of any request on, the subject’s rows count no more')
    .argument('<vault>', 'the vault’s folder')
    .argument('<subject>', 'as the rows name them')
    .requiredOption('--purpose <name>', 'of the policy')
    .option('--notice <version>', 'this version alone (default: all)');
  addVaultOptions(withdraw).action((path: string, subject: string, flags: WithdrawFlags) =>
    withGovernance(path, flags, signal, async ({ consent }) => {
      const { purpose, notice = null } = flags;
      const records = await consent.withdraw({ subject, purpose, notice }, Date.now());
      await print(`${records.length} withdrawn\n`);
    }),
  );
  const load = command
    .command('import')
    .description('record many consents')
    .argument('<vault>', 'the vault’s folder')
    .argument(
      '<file>',
      'a line each: {"subject":…,"purpose":…,"notice":…,"expires":"2027-01-01T00:00:00Z" or null}',
    );
  addVaultOptions(load).action(async (path: string, file: string, flags: VaultOptions) => {
    const consents = parseConsents(await readInput(file));
    await withGovernance(path, flags, signal, ({ consent }) => consent.grant(consents, Date.now()));
    await print(`${consents.length} consents\n`);
  });
  const receipt = command
    .command('receipt')
    .description('print a consent’s receipt (ISO/IEC TS 27560, W3C DPV) with its proofs of the log')
    .argument('<vault>', 'the vault’s folder')
    .argument('<id>', 'as grant printed it');
  addVaultOptions(receipt).action((path: string, id: string, flags: VaultOptions) =>
    withGovernance(path, flags, signal, async (governance) =>
      print(`${JSON.stringify(await governance.receipt(id, Date.now()), undefined, 2)}\n`),
    ),
  );
  const save = command
    .command('export')
    .description('print consent records as JSON-LD (W3C DPV)')
    .argument('<vault>', 'the vault’s folder')
    .option('--subject <name>', 'of this subject alone');
  addVaultOptions(save).action((path: string, flags: ExportFlags) =>
    withGovernance(path, flags, signal, async (governance) => {
      const records = await governance.exportConsents(flags.subject, Date.now());
      await print(`${JSON.stringify(records, undefined, 2)}\n`);
    }),
  );
}

const line = z.strictObject({
  subject: z.string(),
  purpose: z.string(),
  notice: z.string(),
  expires: z.iso.datetime().nullable().optional(),
});

/** @throws INPUT_MALFORMED naming the line */
function parseConsents(text: string): NewConsent[] {
  return text.split('\n').flatMap((one, i) => {
    if (one.trim() === '') return [];
    const parsed = line.safeParse(parseJson(one));
    if (!parsed.success) {
      throw new OpalineError('INPUT_MALFORMED', { line: i + 1, reason: 'not a consent' });
    }
    const { expires, ...rest } = parsed.data;
    return [{ ...rest, expires: typeof expires === 'string' ? Date.parse(expires) : null }];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
