import { Option, type Command } from 'commander';
import { OpalineError } from '../../errors/opaline-error.ts';
import {
  ATTESTATIONS,
  type AttestationKind,
  PRINCIPAL_KINDS,
  type PrincipalKind,
} from '../../policy/document.ts';
import { print } from '../output/print.ts';
import { tableText } from '../output/table-text.ts';
import { notice } from '../report.ts';
import { expiryOf, readSigner, timeText, withGovernance } from './governed-command.ts';
import { readBundleFile } from './read-bundle.ts';
import { addVaultOptions, collect, type VaultOptions } from './vault-command.ts';
import { wholeNumber } from './whole-number.ts';

interface AddFlags extends VaultOptions {
  readonly kind: PrincipalKind;
  readonly role: readonly string[];
  readonly days?: number;
  readonly key?: string;
  readonly bundle?: string;
}

interface AttestFlags extends VaultOptions {
  readonly officer: string;
  readonly days: number;
}

export function addPrincipal(program: Command, signal: AbortSignal): void {
  const command = program
    .command('principal')
    .description('who may ask a vault’s gate: staff, services and tools, each with a token');
  const add = command
    .command('add')
    .description('add one and print its token: it is shown once, and only its hash is kept')
    .argument('<vault>', 'the vault’s folder')
    .argument('<name>', 'of a-z, 0-9, ".", "_" and "-"')
    .addOption(new Option('--kind <kind>').choices(PRINCIPAL_KINDS).default('staff'))
    .option('--role <role>', 'as rules of the policy name it (repeatable)', collect, [])
    .option('--days <number>', 'expires after so many days (default: never)', wholeNumber)
    .option('--key <key>', 'public key by which it approves (opaline policy key)')
    .option('--bundle <file>', 'of a tool: the bundle whose queries it may ask (opaline tool)');
  addVaultOptions(add).action((path: string, name: string, flags: AddFlags) =>
    withGovernance(path, flags, signal, async ({ principals }) => {
      const { kind, role, days, key } = flags;
      const bundle = flags.bundle === undefined ? undefined : await hashOf(flags.bundle);
      const parsed = key === undefined ? undefined : (await noteKeys()).parseKey(key).publicKey;
      const added = { name, kind, roles: role, expires: expiryOf(days), key: parsed, bundle };
      const token = await principals.add(added, Date.now());
      if (kind === 'tool' && bundle === undefined) {
        notice('A tool of no bundle is answered nothing: give it one with --bundle.');
      }
      notice('Shown once. Whoever asks sets OPALINE_TOKEN to it.');
      await print(`${token}\n`);
    }),
  );
  const list = command
    .command('list')
    .description('list principals, without their secrets')
    .argument('<vault>', 'the vault’s folder');
  addVaultOptions(list).action((path: string, flags: VaultOptions) =>
    withGovernance(path, flags, signal, async ({ principals }) => {
      const rows = (await principals.list()).map((one) => [
        one.name,
        one.kind,
        one.roles.join(','),
        one.revoked ? 'revoked' : timeText(one.expires),
        one.key === null ? '' : 'yes',
      ]);
      const columns = ['name', 'kind', 'roles', 'expires', 'approves'];
      await print(rows.length === 0 ? 'no principals\n' : tableText(columns, rows));
    }),
  );
  const revoke = command
    .command('revoke')
    .description('the gate refuses its token from the next step of any request on')
    .argument('<vault>', 'the vault’s folder')
    .argument('<name>', 'as list shows it');
  addVaultOptions(revoke).action((path: string, name: string, flags: VaultOptions) =>
    withGovernance(path, flags, signal, async ({ principals }) => {
      await principals.revoke(name);
      await print(`${name} revoked\n`);
    }),
  );
  const attest = command
    .command('attest')
    .description('attest that somebody was trained, vetted or assessed')
    .argument('<vault>', 'the vault’s folder')
    .argument('<name>', 'of a principal')
    .addArgument(command.createArgument('<kind>').choices(ATTESTATIONS))
    .requiredOption('--officer <file>', 'an officer’s secret key')
    .option('--days <number>', 'for so many days', wholeNumber, 365);
  addVaultOptions(attest).action(
    (path: string, name: string, kind: AttestationKind, flags: AttestFlags) =>
      withGovernance(path, flags, signal, async ({ principals }) => {
        if ((await principals.find(name)) === undefined) {
          throw new OpalineError('USAGE', { reason: `there is no principal "${name}"` });
        }
        const { secret } = await readSigner(flags.officer);
        const { attest: sign } = await import('../../policy/attestation.ts');
        const issued = Date.now();
        const expires = expiryOf(flags.days) ?? issued;
        await principals.attest(sign({ principal: name, kind, issued, expires }, secret));
        await print(`${kind} of ${name} attested until ${timeText(expires)}\n`);
      }),
  );
}

async function hashOf(file: string): Promise<string> {
  const { bundleHash } = await import('../../policy/tool/bundle.ts');
  return bundleHash(await readBundleFile(file));
}

const noteKeys = (): Promise<typeof import('../../bytes/note-key.ts')> =>
  import('../../bytes/note-key.ts');
