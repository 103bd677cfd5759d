import type { Command } from 'commander';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type Scope, SCOPES } from '../../store/protocol.ts';
import { print } from '../output/print.ts';
import { tableText } from '../output/table-text.ts';
import { notice } from '../report.ts';
import { wholeNumber } from './whole-number.ts';

interface AddFlags {
  readonly name: string;
  readonly scope: string;
  readonly days?: number;
}

const DAY_MS = 86_400_000;

export function addStoreToken(program: Command): void {
  const command = program
    .command('store-token')
    .description('bearer tokens of a served store: once there is one, every request needs one');
  command
    .command('add')
    .description('make a token and print it: it is shown once, and only its hash is kept')
    .argument('<store>', 'the store’s folder')
    .option('--name <text>', 'whose it is, for the list', 'token')
    .option(
      '--scope <scopes>',
      'read (queries), write (ingest and the rest), work (with read: a cluster’s worker)',
      'read,write',
    )
    .option('--days <number>', 'expires after so many days (default: never)', wholeNumber)
    .action(add);
  command
    .command('list')
    .description('list tokens, without their secrets')
    .argument('<store>', 'the store’s folder')
    .action(list);
  command
    .command('revoke')
    .description('a running service refuses the token from its next request on')
    .argument('<store>', 'the store’s folder')
    .argument('<id>', 'as list shows it')
    .action(revoke);
}

async function add(store: string, { name, scope, days }: AddFlags): Promise<void> {
  const scopes = scope.split(',').map((one) => {
    const known = SCOPES.find((candidate) => candidate === one.trim());
    if (known !== undefined) return known;
    throw new OpalineError('USAGE', { reason: `--scope: one or more of ${SCOPES.join(', ')}` });
  });
  const expires = days === undefined ? null : new Date(Date.now() + days * DAY_MS);
  const token = await (await tokensOf(store)).add(name, [...new Set<Scope>(scopes)], expires);
  notice(
    'Shown once. Give it to the vault’s owner, who sets OPALINE_STORE_TOKEN for opaline init.',
  );
  await print(`${token}\n`);
}

async function list(store: string): Promise<void> {
  const tokens = await (await tokensOf(store)).list();
  const rows = tokens.map(({ id, name, scopes, created, expires }) => [
    id,
    name,
    scopes.join(','),
    created,
    expires ?? 'never',
  ]);
  await print(
    rows.length === 0
      ? 'no tokens\n'
      : tableText(['id', 'name', 'scopes', 'created', 'expires'], rows),
  );
}

async function revoke(store: string, id: string): Promise<void> {
  await (await tokensOf(store)).revoke(id);
  await print(`${id} revoked\n`);
}

async function tokensOf(store: string): Promise<import('../../service/tokens.ts').Tokens> {
  const [{ createFileStore }, { Tokens }] = await Promise.all([
    import('../../store/backends/file.ts'),
    import('../../service/tokens.ts'),
  ]);
  await createFileStore(store);
  return new Tokens(store);
}
