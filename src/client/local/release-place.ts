import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { toHex } from '../../bytes/hex.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import type { LedgerFile } from '../../gate/release/ledger-file.ts';
import {
  DEFAULT_SETTINGS,
  readSettings,
  type ReleaseSettings,
} from '../../policy/release/settings.ts';
import { ledgerFileAt } from './ledger-file.ts';

/** Where a vault keeps what was released of its tables, and how figures are released. */
export interface ReleasePlace {
  /** Of a table's name, whatever becomes of the table: a table made anew has the budget of the one before. */
  ledger(table: string): LedgerFile;
  /** As releases/settings.json says now. @throws POLICY_INVALID */
  settings(table: string): Promise<ReleaseSettings>;
}

const FOLDER = 'releases';
const FILES = /^(?:[0-9a-f]{32}\.opal|settings\.json)$/;

/** Whether a path, with slashes, from a vault's folder is one of a file that is kept of its releases. */
export function isReleasesFile(path: string): boolean {
  const [folder, name = '', ...more] = path.split('/');
  return folder === FOLDER && more.length === 0 && FILES.test(name);
}

/**
 * Those files as they are, by their paths; none of a vault that released nothing. A ledger that is being added to
 * may end in the midst of a record, which opening it cuts.
 * @throws STORE_IO
 */
export async function readReleases(vault: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  try {
    const names = await readdir(join(vault, FOLDER)).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    for (const name of names.filter((one) => FILES.test(one))) {
      files.set(`${FOLDER}/${name}`, await readFile(join(vault, FOLDER, name)));
    }
  } catch (error) {
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: 'reading what was released', reason });
  }
  return files;
}

/** The folder `releases` of a vault: one ledger a table, and settings.json of the owner's. */
export async function releasePlace(vault: string): Promise<ReleasePlace> {
  const folder = join(vault, FOLDER);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: 'making the folder of releases', reason });
  }
  return {
    // Names of tables are no names of files everywhere.
    ledger: (table) => {
      const name = toHex(sha256(utf8(table))).slice(0, 32);
      return ledgerFileAt(join(folder, `${name}.opal`));
    },
    settings: async (table) => {
      const all = await readAll(join(folder, 'settings.json'));
      return Object.hasOwn(all, table) ? all[table]! : DEFAULT_SETTINGS;
    },
  };
}

async function readAll(path: string): Promise<Readonly<Record<string, ReleaseSettings>>> {
  const invalid = (where: string, reason: string): OpalineError =>
    new OpalineError('POLICY_INVALID', { path: `releases/settings.json: ${where}`, reason });
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = systemCode(error);
    if (code === 'ENOENT') return undefined;
    throw new OpalineError('STORE_IO', {
      operation: 'reading the settings of releases',
      reason: code,
    });
  });
  if (text === undefined) return {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid('settings', 'it is no JSON');
  }
  const read = readSettings(json);
  if ('issue' in read) throw invalid(read.issue.path, read.issue.reason);
  return read.settings;
}
