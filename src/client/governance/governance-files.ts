import { rename, rm } from 'node:fs/promises';
import { formatKey, type NoteKey } from '../../bytes/note-key.ts';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import type { VaultSecrets } from '../../keys/secret.ts';
import { makeFolder, syncFolder } from '../../store/backends/sync-folder.ts';
import { approvalsForm, type ApprovalsValue } from './approvals.ts';
import { consentForm, type ConsentValue } from './consent-ledger.ts';
import { governancePlace, isGoverned } from './place.ts';
import { officersForm, type OfficersValue } from './policy-file.ts';
import { principalsForm, type PrincipalsValue } from './principals.ts';
import { SealedJson } from './sealed-json.ts';
import { NO_TOOLS, toolsForm, type ToolsValue } from './tools/tools.ts';
import { usesForm, type UsesValue } from './uses.ts';
import { createVaultLog } from './vault-log.ts';

/** The sealed files of a vault's governance, each under a key of its own. */
export interface GovernanceFiles {
  readonly officers: SealedJson<OfficersValue>;
  readonly principals: SealedJson<PrincipalsValue>;
  readonly consent: SealedJson<ConsentValue>;
  readonly uses: SealedJson<UsesValue>;
  readonly approvals: SealedJson<ApprovalsValue>;
  /** Made with the first tool that is certified. */
  readonly tools: SealedJson<ToolsValue>;
}

export function governanceFiles(place: string, secrets: VaultSecrets): GovernanceFiles {
  const key = (name: string): Uint8Array => secrets.localKey(`governance/${name}`);
  return {
    officers: new SealedJson(place, 'officers.opal', key('officers'), officersForm),
    principals: new SealedJson(place, 'principals.opal', key('principals'), principalsForm),
    consent: new SealedJson(place, 'consent.opal', key('consent'), consentForm),
    uses: new SealedJson(place, 'uses.opal', key('uses'), usesForm),
    approvals: new SealedJson(place, 'approvals.opal', key('approvals'), approvalsForm),
    tools: new SealedJson(place, 'tools.opal', key('tools'), toolsForm, NO_TOOLS),
  };
}

/**
 * Begin the governance of a vault: from now on nothing is answered but through its gate, which denies everything
 * until a policy is signed by all of the officers.
 * @throws USAGE where there is one already
 */
export async function createGovernance(
  vault: string,
  secrets: VaultSecrets,
  officers: readonly NoteKey[],
): Promise<void> {
  if (await isGoverned(vault)) {
    throw new OpalineError('USAGE', { reason: 'the vault has a policy already' });
  }
  const aside = `${governancePlace(vault)}.${randomId()}.tmp`;
  try {
    await makeFolder(aside, 0o700);
    const files = governanceFiles(aside, secrets);
    await files.principals.create({ principals: [], attestations: [] });
    await files.consent.create({ records: [] });
    await files.uses.create({ uses: {} });
    await files.approvals.create({ requests: [] });
    await files.officers.create({ officers: officers.map(formatKey), revision: 0 });
    await createVaultLog(aside, secrets);
    // It appears whole: half of one would deny everything, and could not be begun again.
    await rename(aside, governancePlace(vault));
    await syncFolder(vault);
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    if (error instanceof OpalineError) throw error;
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: 'beginning the vault’s policy', reason });
  }
}
