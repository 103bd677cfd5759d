import { join } from 'node:path';
import { LogFolder } from '../../audit/file/log-folder.ts';
import { sealingKeys } from '../../audit/subject-keys.ts';
import { type LogVerdict, verifyLog } from '../../audit/verify/verify-log.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../bytes/note-key.ts';
import { isOpalineError } from '../../errors/opaline-error.ts';
import { INTENT_KIND, readIntent } from '../../gate/custody/request.ts';
import type { VaultSecrets } from '../../keys/secret.ts';
import type { ReplayFinding } from '../../policy/replay/entry.ts';
import { custodyLogSecrets, CUSTODY_ORIGIN } from './intent-log.ts';
import { CUSTODY_LOG } from '../local/vault-files.ts';

export interface CustodyLogVerdict {
  readonly verdict: LogVerdict;
  readonly findings: readonly ReplayFinding[];
}

/**
 * Verifies the log in which a vault announces what it asks custodians, and tells where one was asked again for the
 * same sums at the same epoch. The log has requests, not answers: a custodian keeps for itself what it answered, and
 * refuses. Undefined: nothing was ever announced.
 */
export async function verifyCustodyLog(
  path: string,
  secrets: VaultSecrets,
): Promise<CustodyLogVerdict | undefined> {
  const folder = await LogFolder.open(join(path, CUSTODY_LOG)).catch((error: unknown) => {
    if (isOpalineError(error, 'LOG_NOT_FOUND')) return undefined;
    throw error;
  });
  if (folder === undefined) return undefined;
  const { signing, sealing } = custodyLogSecrets(secrets);
  const findings: ReplayFinding[] = [];
  const asked = new Map<string, number>();
  const verdict = await verifyLog(folder, {
    key: noteKeyOfSecret(CUSTODY_ORIGIN, NOTE_SIGNATURE, signing),
    sealing: sealingKeys(sealing),
    onEntry: (index, { kind }, [first]) => {
      if (kind !== INTENT_KIND || first?.kind !== 'open') {
        findings.push({ level: 'problem', index, text: 'an announcement that says nothing' });
        return;
      }
      try {
        const { key, quorum, fragment } = readIntent(first.detail.content);
        for (const custodian of quorum) {
          const what = `${key} ${custodian} ${fragment}`;
          const before = asked.get(what);
          if (before !== undefined) {
            const text = `custodian ${custodian} was asked again for the sums of entry ${before}: it answers once`;
            findings.push({ level: 'advice', index, text });
          }
          asked.set(what, before ?? index);
        }
      } catch (error) {
        if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
        findings.push({ level: 'problem', index, text: 'an announcement of no form' });
      }
    },
  });
  return { verdict, findings };
}
