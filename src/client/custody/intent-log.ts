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
import { CUSTODY_LOG } from '../local/vault-files.ts';

/** Names the log of a vault's requests: its own key follows from the vault's. */
export const CUSTODY_ORIGIN = 'opaline-custody';

/** What was announced: an entry of the log, and what opens its commitment. */
export interface Announcement {
  readonly index: number;
  readonly salt: Uint8Array;
}

/** Where requests to custodians are announced, durably, before they are sent. */
export class IntentLog {
  private readonly log: AuditLog;
  private readonly clock: () => number;

  constructor(log: AuditLog, clock: () => number) {
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
  ): Promise<Announcement> {
    const details = [{ content: intentOf(request) }];
    const [logged] = await this.log.append([{ kind: INTENT_KIND, time: this.clock(), details }]);
    const { index } = logged!.proof;
    const detail = (await this.log.read(index)).opened[0];
    if (detail === undefined) {
      throw new OpalineError('INTERNAL', { reason: 'the log lost what was just logged' });
    }
    return { index, salt: detail.salt };
  }

  /**
   * Show an announcement to a custodian who knows the first `known` entries of the log, 0 for none.
   * @throws LOG_ROLLBACK where the log has not so many, LOG_INVALID
   */
  async prove({ index, salt }: Announcement, known: number): Promise<LoggedIntent> {
    const { entry, proof, continuation } = await this.log.proveSince(index, known);
    return { entry, salt, proof: formatProof(proof), continuation };
  }
}

/** The keys of that log, which follow from the vault's master key. */
export function custodyLogSecrets(secrets: VaultSecrets): LogSecrets {
  return {
    signing: secrets.localKey('custody-log'),
    sealing: secrets.localKey('custody-log-details'),
  };
}
