import { join } from 'node:path';
import { lockLog } from '../../audit/file/log-lock.ts';
import { filesBelow } from '../local/files-below.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import { GOVERNANCE, isGovernanceFile, LOG_FOLDER } from './file-names.ts';
import { countedFiles } from './counted-files.ts';
import { requireCounts } from './file-counts.ts';
import { governanceFiles } from './governance-files.ts';
import { incidentFiles } from './incident/files.ts';
import { Incidents } from './incident/incidents.ts';
import { governancePlace, isGoverned, lockGovernance } from './place.ts';
import { PolicyFile } from './policy-file.ts';
import { VaultLog } from './vault-log.ts';

/**
 * The files of a vault's governance as they are at one moment, by their paths with slashes from the vault's folder:
 * who writes to them waits meanwhile. None for a vault without a policy.
 * @throws VAULT_LOCKED, LOG_LOCKED, STORE_IO
 */
export async function readGovernance(vault: string): Promise<ReadonlyMap<string, Uint8Array>> {
  if (!(await isGoverned(vault))) return new Map();
  const place = governancePlace(vault);
  await using _governance = await lockGovernance(place);
  await using _log = await lockLog(join(place, LOG_FOLDER));
  return await filesBelow(vault, GOVERNANCE, isGovernanceFile);
}

/**
 * Whether the governance of an open vault, where it has one, is whole, and its log the one that the vault's pins know.
 * @throws VAULT_CORRUPT, POLICY_INVALID, LOG_NOT_FOUND, LOG_INVALID, LOG_ROLLBACK, LOG_FORK
 */
export async function checkGovernance({ path, secrets, pins }: OpenFolder): Promise<void> {
  if (!(await isGoverned(path))) return;
  const place = governancePlace(path);
  const files = governanceFiles(place, secrets);
  for (const file of Object.values(files)) await file.read();
  await new PolicyFile(place, files.officers).find();
  const log = await VaultLog.open(place, secrets, pins, () => Promise.resolve());
  const further = incidentFiles(place, secrets);
  const counted = countedFiles({ path, secrets }, files, further);
  await requireCounts(counted, await log.counted('files'));
  await new Incidents(further.incidents, files.officers).list();
  await further.subjects.find({ tags: [] });
}
