import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equalBytes } from '../../../../bytes/compare.ts';
import { OpenTable } from '../../../../gate/open-table.ts';
import type { AnyParameters } from '../../../../params/parameters.ts';
import { mostModulusBits } from '../../../../params/security.ts';
import { productParameters, realParameters, sumParameters } from '../../../../params/presets.ts';
import { notRun, type Outcome, passed, unless } from '../../../../policy/assessment/checks.ts';
import { multipliedColumns, scoredColumns } from '../../../../table/schema.ts';
import { restoreVault } from '../../../local/backup.ts';
import { openFolder } from '../../../local/vault-folder.ts';
import type { Check } from './check.ts';

/** The key file was opened for this run; the pins are read again from the disk, and every table must have its key. */
export const vaultOpens: Check = async ({ inside, tables }) => {
  const pinned = await inside.folder.pins.refresh();
  const lacking = tables.filter(({ roots }) => roots === undefined);
  return unless(
    lacking.map(({ schema }) => `${schema.table}: its key is missing`),
    `${tables.length} tables have their keys; ${pinned.size} heads are pinned`,
  );
};

/** Rights of anybody but the owner. */
const OTHERS = 0o077;

/** By POSIX permissions; what access lists add to them is not looked at. */
export const vaultPrivate: Check = async ({ inside }) => {
  if (process.platform === 'win32') return notRun('this system has no POSIX permissions');
  const { path } = inside.folder;
  const names = await readdir(path, { recursive: true });
  const open: string[] = [];
  for (const name of ['', ...names]) {
    const found = await lstat(join(path, name));
    if (found.isSymbolicLink()) open.push(`${name}: a symbolic link`);
    // A folder that nobody else may enter shuts off what is in it; it is looked at all the same.
    else if ((found.mode & OTHERS) !== 0) {
      open.push(
        `${name === '' ? 'the vault’s folder' : name}: mode ${(found.mode & 0o777).toString(8)}`,
      );
    }
  }
  return unless(open, `${names.length} files and folders`);
};

/** Presets that the tables use. */
export const parametersSecure: Check = ({ tables }) => {
  const schemas = tables.map(({ schema }) => schema);
  const products = schemas.some((schema) => multipliedColumns(schema).length > 0);
  const reals = schemas.some((schema) => scoredColumns(schema).length > 0);
  const used = [
    sumParameters(48),
    ...(products ? [productParameters()] : []),
    ...(reals ? [realParameters()] : []),
  ];
  return Promise.resolve(securityOf(used));
};

type Chosen = Pick<AnyParameters, 'preset' | 'n' | 'dataPrimes' | 'specialPrime'>;

/** Parameters against the table of the HE standard: the modulus is multiplied out, whatever they say of themselves. */
export function securityOf(used: readonly Chosen[]): Outcome {
  const told = used.map(({ preset, n, dataPrimes, specialPrime }) => {
    const modulus = [...dataPrimes, specialPrime].reduce((all, prime) => all * BigInt(prime), 1n);
    const bits = modulus.toString(2).length;
    const most = mostModulusBits(n, 128) ?? 0;
    return { text: `${preset}: ${bits} of at most ${most} bits at n = ${n}`, weak: bits > most };
  });
  const weak = told.filter((one) => one.weak).map(({ text }) => text);
  return unless(weak, told.map(({ text }) => text).join('; '));
}

/** The backup is restored, with the passphrase of now, and opens the tables as they are now; then it is removed. */
export const backupRestores: Check = async ({ inside, tables, passphrase, backup }) => {
  if (backup === undefined) return notRun('no backup was given (--backup)');
  const aside = await mkdtemp(join(tmpdir(), 'opaline-drill-'));
  try {
    await restoreVault(join(aside, 'vault'), backup, passphrase);
    const { secrets, wraps } = await openFolder(join(aside, 'vault'), passphrase);
    try {
      if (!equalBytes(secrets.publicKey, inside.folder.secrets.publicKey)) {
        return unless(['it is of another vault'], '');
      }
      const closed: string[] = [];
      for (const { id, schema, pin } of tables) {
        const opened = await OpenTable.load(
          inside.link,
          {
            publicKey: secrets.publicKey,
            manifestKey: (table) => secrets.manifestKey(table),
            wrappingKey: (table, key) => wraps.find(table, key),
          },
          id,
          pin,
          undefined,
        );
        if (opened?.roots === undefined) closed.push(`${schema.table}: made before its key of now`);
      }
      if (closed.length > 0) return unless(closed, '');
      return passed(`${tables.length} tables open with what it restores`);
    } finally {
      await secrets.close();
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
};
