import type { Command } from 'commander';
import { utf8 } from '../../bytes/codec.ts';
import { toHex } from '../../bytes/hex.ts';
import type { TableInfo } from '../../client/api.ts';
import { writeAtomic } from '../../client/local/atomic-file.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { print } from '../output/print.ts';
import { startProgress } from '../progress.ts';
import { notice } from '../report.ts';
import { openOwned, readSigner, withGovernance } from './governed-command.ts';
import { readInput } from './read-input.ts';
import { addVaultOptions, collect, type VaultOptions } from './vault-command.ts';

interface InitFlags extends VaultOptions {
  readonly officer: readonly string[];
}

interface SignFlags extends VaultOptions {
  readonly key: readonly string[];
}

export function addPolicy(program: Command, signal: AbortSignal): void {
  const command = program
    .command('policy')
    .description('who may ask what of a vault, for which purposes: signed by its officers');
  command
    .command('key')
    .description(
      'make an officer’s or approver’s key: the secret into a file, the public one printed',
    )
    .argument('<name>', 'whose it is')
    .argument('<file>', 'new; keep it apart from the vault')
    .action(makeKey);
  const init = command
    .command('init')
    .description('begin a policy and print a draft; from now on the vault’s gate alone answers')
    .argument('<vault>', 'the vault’s folder')
    .addHelpText(
      'after',
      '\nEvery table is first given what answers are verified by (opaline verify), which may take a while;\n' +
        'stopped, the same command goes on. Then only what verifies is released.\n',
    )
    .requiredOption(
      '--officer <key>',
      'public key of who must sign every policy (repeatable: all of them)',
      collect,
    );
  addVaultOptions(init).action((path: string, flags: InitFlags) => begin(path, flags, signal));
  command
    .command('check')
    .description('whether a policy is well-formed')
    .argument('<file>', 'a policy in JSON (- is stdin)')
    .action(async (file: string) => {
      const { revision, purposes, rules } = await readPolicy(file);
      const count = Object.keys(purposes).length;
      await print(`revision ${revision}: ${count} purposes, ${rules.length} rules, well-formed\n`);
    });
  const show = command
    .command('show')
    .description('print the policy in force')
    .argument('<vault>', 'the vault’s folder');
  addVaultOptions(show).action((path: string, flags: VaultOptions) =>
    withGovernance(path, flags, signal, async ({ policy }) => {
      const { document, digest } = await policy.read();
      const keys = await policy.keys();
      notice(`Signed by ${keys.map(({ name }) => name).join(', ')}; digest ${toHex(digest)}.`);
      await print(`${JSON.stringify(document, undefined, 2)}\n`);
    }),
  );
  const sign = command
    .command('sign')
    .description('sign a policy and put it in force')
    .argument('<vault>', 'the vault’s folder')
    .argument('<file>', 'a policy in JSON (- is stdin)')
    .requiredOption('--key <file>', 'an officer’s secret key (repeatable)', collect);
  addVaultOptions(sign).action((path: string, file: string, flags: SignFlags) =>
    putInForce(path, file, flags, signal),
  );
}

async function makeKey(name: string, file: string): Promise<void> {
  const [{ formatSigner, parseSigner }, { formatKey }, { randomBytes }, { stat }] =
    await Promise.all([
      import('../../bytes/note-signer.ts'),
      import('../../bytes/note-key.ts'),
      import('../../bytes/random.ts'),
      import('node:fs/promises'),
    ]);
  const exists = await stat(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new OpalineError('USAGE', { reason: `${file} exists` });
  const text = formatSigner(name, randomBytes(32));
  await writeAtomic(file, utf8(`${text}\n`));
  await print(`${formatKey(parseSigner(text).key)}\n`);
}

async function begin(path: string, flags: InitFlags, signal: AbortSignal): Promise<void> {
  const { parseKey } = await noteKeys();
  const officers = flags.officer.map(parseKey);
  await using vault = await openOwned(path, flags, signal);
  const tables = await vault.tables();
  // Before there is a policy: stopped, the same command goes on.
  const progress = await startProgress('verifying', 'rows');
  await vault
    .verify({ signal, onProgress: (done, total) => progress.update(done, total) })
    .finally(() => progress.stop());
  await vault.govern(officers);
  notice('The gate denies everything until a policy is signed. A draft, to be cut down:');
  await print(`${JSON.stringify(draftOf(tables), undefined, 2)}\n`);
}

const noteKeys = (): Promise<typeof import('../../bytes/note-key.ts')> =>
  import('../../bytes/note-key.ts');

/** A purpose for each table, and no rule. */
function draftOf(tables: readonly TableInfo[]): PolicyDocument {
  const purposes = tables.map(
    ({ table, schema }, i): [string, PolicyDocument['purposes'][string]] => [
      `purpose-${i + 1}`,
      {
        description: `what the data of "${table}" is for`,
        table,
        fields: schema.columns.map(({ name }) => name),
        consent: { notices: ['1'] },
        quota: { limit: 100, per: 'day' },
        derived: { limit: 10_000, per: 'day' },
        approvals: 0,
        expires: null,
      },
    ],
  );
  return {
    revision: 1,
    issued: new Date().toISOString(),
    description: 'who may ask what, for which purposes',
    cohort: 10,
    attestations: [],
    purposes: Object.fromEntries(purposes),
    rules: [],
  };
}

async function readPolicy(file: string): Promise<PolicyDocument> {
  const { readDocument } = await import('../../policy/document.ts');
  let json: unknown;
  try {
    json = JSON.parse(await readInput(file));
  } catch (error) {
    if (error instanceof OpalineError) throw error;
    throw new OpalineError('POLICY_INVALID', { path: 'document', reason: 'not JSON' });
  }
  const read = readDocument(json);
  if ('document' in read) return read.document;
  const { path, reason } = read.issues[0]!;
  for (const other of read.issues.slice(1)) notice(`${other.path}: ${other.reason}`);
  throw new OpalineError('POLICY_INVALID', { path, reason });
}

async function putInForce(
  path: string,
  file: string,
  flags: SignFlags,
  signal: AbortSignal,
): Promise<void> {
  const document = await readPolicy(file);
  const signers = await Promise.all(flags.key.map(readSigner));
  const { formatPolicy, signPolicy } = await import('../../policy/signed-policy.ts');
  const signatures = signers.map(({ key, secret }) => signPolicy(document, key.name, secret));
  const note = utf8(formatPolicy(document, signatures));
  await withGovernance(path, flags, signal, (governance) => governance.installPolicy(note));
  await print(`revision ${document.revision} is in force\n`);
}
