import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lockLog } from '../../audit/file/log-lock.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { filesBelow } from '../local/files-below.ts';
import { CUSTODY_LOG } from '../local/vault-files.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import { IntentLog } from './intent-log.ts';
import { isCustodyLogFile } from './log-files.ts';

/**
 * The files of a vault's log of requests to custodians as they are at one moment, by their paths from the vault's folder;
 * none where no key was divided. Custodians refuse a vault that begins the log anew.
 * @throws LOG_LOCKED, STORE_IO
 */
export async function readCustodyLog(vault: string): Promise<ReadonlyMap<string, Uint8Array>> {
  if (!(await hasCustodyLog(vault))) return new Map();
  await using _log = await lockLog(join(vault, CUSTODY_LOG));
  return await filesBelow(vault, CUSTODY_LOG, isCustodyLogFile);
}

/** Whether that log of an open vault, where it has one, is whole, and its own. @throws LOG_INVALID, STORE_IO */
export async function checkCustodyLog({ path, secrets }: OpenFolder): Promise<void> {
  if (await hasCustodyLog(path)) await IntentLog.open(path, secrets);
}

async function hasCustodyLog(vault: string): Promise<boolean> {
  try {
    return (await stat(join(vault, CUSTODY_LOG))).isDirectory();
  } catch (error) {
    const reason = systemCode(error);
    if (reason === 'ENOENT') return false;
    throw new OpalineError('STORE_IO', { operation: 'looking for the log of requests', reason });
  }
}
