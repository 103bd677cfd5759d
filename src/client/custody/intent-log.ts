import { join } from 'node:path';
import { AuditLog, type LogSecrets } from '../../audit/file/audit-log.ts';
import { formatProof } from '../../audit/tlog-proof.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import {
  INTENT_KIND,
  intentOf,
  type LoggedIntent,
  type PartialsRequest,
} from '../../gate/custody/request.ts';
import type { VaultSecrets } from '../../keys/secret.ts';
import { CUSTODY_LOG } from './vault-custody.ts';

/** Names the log of a vault's requests: its own key follows from the vault's. */
export const CUSTODY_ORIGIN = 'opaline-custody';

/** Where requests to custodians are announced, durably, before they are sent. */
export class IntentLog {
  private readonly log: AuditLog;
  private readonly clock: () => number;

  private constructor(log: AuditLog, clock: () => number) {
    this.log = log;
    this.clock = clock;
  }

  /** The vault's log, made when it is first needed. @throws LOG_INVALID, LOG_ROLLBACK, STORE_IO */
  static async open(
    folder: string,
    secrets: VaultSecrets,
    clock: () => number = Date.now,
  ): Promise<IntentLog> {
    const path = join(folder, CUSTODY_LOG);
    const keys = custodyLogSecrets(secrets);
    const log = await AuditLog.open(path, keys).catch((error: unknown) => {
      if (!isOpalineError(error, 'LOG_NOT_FOUND')) throw error;
      return AuditLog.create(path, CUSTODY_ORIGIN, keys);
    });
    return new IntentLog(log, clock);
  }

  /** Its verifier key, which every custodian has. */
  get key(): AuditLog['key'] {
    return this.log.key;
  }

  /** Announce a request. When it resolves the entry is on the disk and in a signed checkpoint. */
  async announce(
    request: Pick<PartialsRequest, 'key' | 'quorum' | 'fragment'>,
  ): Promise<LoggedIntent> {
    const details = [{ content: intentOf(request) }];
    const [logged] = await this.log.append([{ kind: INTENT_KIND, time: this.clock(), details }]);
    const { entry, proof } = logged!;
    const detail = (await this.log.read(proof.index)).opened[0];
    if (detail === undefined) {
      throw new OpalineError('INTERNAL', { reason: 'the log lost what was just logged' });
    }
    return { entry, salt: detail.salt, proof: formatProof(proof) };
  }
}

/** The keys of that log, which follow from the vault's master key. */
export function custodyLogSecrets(secrets: VaultSecrets): LogSecrets {
  return {
    signing: secrets.localKey('custody-log'),
    sealing: secrets.localKey('custody-log-details'),
  };
}
