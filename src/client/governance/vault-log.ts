import { join } from 'node:path';
import {
  AuditLog,
  type LogEntry,
  type Logged,
  type LogSecrets,
} from '../../audit/file/audit-log.ts';
import { toHex } from '../../bytes/hex.ts';
import type { TablePin } from '../../gate/open-table.ts';
import type { VaultSecrets } from '../../keys/secret.ts';
import { LOG_PIN, type Pins } from '../local/pins.ts';
import { countsContent, type FileCounts, readCounts } from './file-counts.ts';
import { LOG_FOLDER } from './file-names.ts';

/** A log's keys follow from the vault's master key. */
function logSecrets(secrets: VaultSecrets): LogSecrets {
  return { signing: secrets.localKey('audit-signing'), sealing: secrets.localKey('audit-sealing') };
}

/** The log's name among all logs: the vault's, which is its public key. */
const originOf = ({ publicKey }: VaultSecrets): string => `opaline/vault/${toHex(publicKey)}`;

export async function createVaultLog(place: string, secrets: VaultSecrets): Promise<void> {
  await AuditLog.create(join(place, LOG_FOLDER), originOf(secrets), logSecrets(secrets));
}

/** What is said of files where nothing is said. */
const NOTHING: Required<FileCounts> = { files: {}, ledgers: {}, frozen: false };

/** A vault's audit log. Its newest head is pinned beside those of the tables: a log that was rolled back is refused. */
export class VaultLog {
  private readonly log: AuditLog;
  private readonly pin: (pin: TablePin) => Promise<void>;
  /** What every append says of the files beside the log. */
  private counts: () => Promise<FileCounts> = () => Promise.resolve({});

  private constructor(log: AuditLog, pin: (pin: TablePin) => Promise<void>) {
    this.log = log;
    this.pin = pin;
  }

  /** @throws LOG_NOT_FOUND, LOG_INVALID, LOG_ROLLBACK, LOG_FORK */
  static async open(
    place: string,
    secrets: VaultSecrets,
    pins: Pins,
    pin: (pin: TablePin) => Promise<void>,
  ): Promise<VaultLog> {
    await pins.refresh();
    const pinned = pins.get(LOG_PIN);
    const head = pinned && {
      origin: originOf(secrets),
      size: pinned.epoch,
      root: pinned.digest,
      extensions: [],
    };
    const log = await AuditLog.open(join(place, LOG_FOLDER), logSecrets(secrets), head);
    return new VaultLog(log, pin);
  }

  /** The log's name. */
  get origin(): string {
    return this.log.key.name;
  }

  /** From now on every append says how often files were written, so that older copies of them are noticed. */
  countFiles(counts: () => Promise<FileCounts>): void {
    this.counts = counts;
  }

  /** What the newest append that says something of one of those says of it. @throws LOG_INVALID */
  async counted<K extends keyof FileCounts>(what: K): Promise<NonNullable<FileCounts[K]>> {
    const found = await this.log.findLast((_, contents) =>
      contents.map((content) => readCounts(content)?.[what]).find((one) => one !== undefined),
    );
    return found ?? NOTHING[what]!;
  }

  /** @param counts in place of what would be said of the files */
  async append(entries: readonly LogEntry[], counts: FileCounts = {}): Promise<readonly Logged[]> {
    const counted = { content: countsContent({ ...(await this.counts()), ...counts }) };
    const last = entries.length - 1;
    const logged = await this.log.append(
      entries.map((one, i) =>
        i === last ? { ...one, details: [...(one.details ?? []), counted] } : one,
      ),
    );
    const { size, root } = this.log.head;
    await this.pin({ table: LOG_PIN, epoch: size, digest: root });
    return logged;
  }

  prove(index: number): Promise<Logged> {
    return this.log.prove(index);
  }
}
