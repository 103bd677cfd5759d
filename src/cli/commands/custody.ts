import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { KeyShare } from '../../keys/shares.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { readPassphrase, type PassphraseOptions } from '../passphrase.ts';
import { collect } from './vault-command.ts';
import { wholeNumber } from './whole-number.ts';

interface SplitFlags extends PassphraseOptions {
  readonly shares: number;
  readonly threshold: number;
  readonly out?: string;
  readonly sharePassphraseFile: readonly string[];
}

interface JoinFlags {
  readonly share: readonly string[];
  readonly sharePassphraseFile: readonly string[];
}

interface DealFlags extends PassphraseOptions {
  readonly threshold: number;
  readonly custodian: readonly string[];
  readonly confirm?: boolean;
  readonly sharePassphraseFile: readonly string[];
  readonly out: string;
}

const SPLIT_HELP = `
The key file is sealed under a key that then exists in shares alone, and removed: a thief of the folder needs that many
shares, and the passphrase. Whoever joins them sees every key; custody deal divides one so that nobody ever does.`;

export function addCustody(program: Command, signal: AbortSignal): void {
  const command = program
    .command('custody')
    .description('divide authority over a vault’s keys among several people');
  command
    .command('split')
    .description('put a vault to rest: shares of a key, of which some number wake it up')
    .argument('<vault>', 'the vault’s folder')
    .requiredOption('--shares <number>', 'how many shares to make', wholeNumber)
    .requiredOption('--threshold <number>', 'how many of them are needed', wholeNumber)
    .option('--out <folder>', 'write each to a file there, under a passphrase of its own')
    .option('--share-passphrase-file <file>', 'of each share in turn; repeat', collect, [])
    .option('--passphrase-file <file>', 'read the vault’s passphrase from a file')
    .addHelpText('after', SPLIT_HELP)
    .action((vault: string, flags: SplitFlags) => split(vault, flags, signal));
  command
    .command('join')
    .description('wake a vault up with enough shares; it opens with the passphrase it had')
    .argument('<vault>', 'the vault’s folder')
    .option(
      '--share <file>',
      'a share: a file of split, or of its printed text; repeat',
      collect,
      [],
    )
    .option('--share-passphrase-file <file>', 'of each sealed share in turn; repeat', collect, [])
    .action(joinShares);
  command
    .command('status')
    .description('whether a vault rests, under which shares, and whether custodians decrypt for it')
    .argument('<vault>', 'the vault’s folder')
    .action(status);
  command
    .command('deal')
    .description('divide a ring secret among custodians, for tables with "custody": "divided"')
    .argument('<vault>', 'the vault’s folder')
    .requiredOption('--threshold <number>', 'custodians needed for a decryption', wholeNumber)
    .option('--custodian <address>', 'http(s)://… where one will answer; repeat', collect, [])
    .option('--share-passphrase-file <file>', 'of each share in turn; repeat', collect, [])
    .option('--confirm', 'ask two quorums with nobody in common each time, and compare')
    .requiredOption('--out <folder>', 'where the shares are written, one file for each custodian')
    .option('--passphrase-file <file>', 'read the vault’s passphrase from a file')
    .action((vault: string, flags: DealFlags) => deal(vault, flags, signal));
}

async function split(vault: string, flags: SplitFlags, signal: AbortSignal): Promise<void> {
  const { shares: count, threshold, out, sharePassphraseFile: files } = flags;
  if (out !== undefined && files.length !== count) throw usage(`${count} --share-passphrase-file`);
  if (out === undefined && files.length > 0) throw usage('--out for shares with passphrases');
  const passphrase = await readPassphrase(flags, signal);
  const secrets = await passphrasesOf(files);
  const { splitVault } = await import('../../client/custody/rest.ts');
  await splitVault(vault, passphrase, threshold, count, async (shares) => {
    if (out === undefined) await printShares(shares);
    else await writeShares(out, shares, secrets);
  });
  const where = out === undefined ? 'printed above' : `in ${oneLine(out)}`;
  await print(
    `${oneLine(vault)} rests: ${threshold} of the ${count} shares ${where} wake it up. ` +
      'Backups made before still open with the passphrase alone.\n',
  );
}

async function printShares(shares: readonly KeyShare[]): Promise<void> {
  const { shareText } = await import('../../keys/shares.ts');
  for (const share of shares) await print(`Share ${share.number}\n${shareText(share)}\n\n`);
}

async function writeShares(
  out: string,
  shares: readonly KeyShare[],
  passphrases: readonly string[],
): Promise<void> {
  const { sealShareFile } = await import('../../client/custody/share-file.ts');
  for (const [i, share] of shares.entries()) {
    await sealShareFile(join(out, `share-${share.number}.opal`), share, passphrases[i]!);
  }
}

async function joinShares(vault: string, flags: JoinFlags): Promise<void> {
  if (flags.share.length === 0) throw usage('--share');
  const passphrases = await passphrasesOf(flags.sharePassphraseFile);
  const { readShareFile } = await import('../../client/custody/share-file.ts');
  const shares: KeyShare[] = [];
  let sealed = 0;
  for (const path of flags.share) {
    shares.push(
      await readShareFile(path, () => {
        const passphrase = passphrases[sealed++];
        if (passphrase === undefined) throw usage(`--share-passphrase-file for ${oneLine(path)}`);
        return passphrase;
      }),
    );
  }
  const { joinVault } = await import('../../client/custody/rest.ts');
  await joinVault(vault, shares);
  await print(`${oneLine(vault)}: the key file is back; it opens with the passphrase it had\n`);
}

async function status(vault: string): Promise<void> {
  const { custodyStatus } = await import('../../client/custody/rest.ts');
  const { rest, divided } = await custodyStatus(vault);
  const key =
    rest === undefined
      ? 'key file   here, under its passphrase'
      : `key file   at rest: ${rest.threshold} of ${rest.commitments.length} shares of division ${rest.division}`;
  const sums = divided
    ? 'by custodians, of tables with "custody": "divided"'
    : 'by the vault alone';
  await print(`${key}\ndecryption ${sums}\n`);
}

async function deal(vault: string, flags: DealFlags, signal: AbortSignal): Promise<void> {
  const { custodian: addresses, sharePassphraseFile: files, threshold, out } = flags;
  if (addresses.length < 2) throw usage('--custodian, twice or more');
  if (files.length !== addresses.length) throw usage(`${addresses.length} --share-passphrase-file`);
  const passphrase = await readPassphrase(flags, signal);
  const secrets = await passphrasesOf(files);
  const { dealCustody } = await import('../../client/custody/deal.ts');
  const custodians = addresses.map((address, i) => ({ address, passphrase: secrets[i]! }));
  const paths = await dealCustody(vault, {
    passphrase,
    threshold,
    custodians,
    out,
    confirm: flags.confirm === true,
  });
  await print(
    `${paths.map((path, i) => `${oneLine(path)}  for ${oneLine(addresses[i]!)}`).join('\n')}\n` +
      `Hand each to its custodian, who runs opaline custodian serve; any ${threshold} of them decrypt together.\n`,
  );
}

async function passphrasesOf(files: readonly string[]): Promise<string[]> {
  return await Promise.all(
    files.map(async (path) => {
      const bytes = await readFile(path).catch(() => {
        throw new OpalineError('INPUT_NOT_FOUND', { path });
      });
      const passphrase = new TextDecoder().decode(bytes).replace(/\r?\n$/, '');
      if (passphrase !== '') return passphrase;
      throw new OpalineError('PASSPHRASE_WEAK', { reason: 'the passphrase is empty' });
    }),
  );
}

const usage = (wanted: string): OpalineError =>
  new OpalineError('USAGE', { reason: `needs ${wanted}` });
