import type { NoteKey } from '../../bytes/note-key.ts';
import type { SecretEngine } from '../../engine/engine.ts';
import type { Custody } from '../../gate/custody/custody.ts';
import type { Speeds } from '../../gate/grouping/speeds.ts';
import type { VaultSecrets } from '../../keys/secret.ts';
import type { VaultGovernance, VaultInside } from '../governance/governed-vault.ts';
import type { Format, Source } from '../ingest/source.ts';
import type { VaultCustody } from '../custody/vault-custody.ts';
import type { SealPool } from '../seal/pool.ts';
import type { Pins } from './pins.ts';
import type { ReleasePlace } from './release-place.ts';
import type { ReleaseState } from './release-state.ts';
import type { WrappingKeys } from './wrapping-keys.ts';

/** What a vault needs of the machine that it is on. Node's is vault-host.node.ts, the browser's vault-host.web.ts. */
export interface VaultHost {
  /**
   * Exclude other writers of this vault, of other processes or pages too.
   * @throws VAULT_LOCKED at once when another one writes
   */
  lock(): Promise<AsyncDisposable>;
  /** Whether a writer is at work, without standing in the way of the next. */
  isLocked(): Promise<boolean>;
  /** What the cost model needs to know of this machine. @param engine to measure it with, where nobody has */
  speeds(engine: () => Promise<SecretEngine>): Promise<Speeds>;
  /** Sealing on threads that hold the ring secrets; they live as long as one write. */
  sealPool(secrets: VaultSecrets, threads: number): Promise<SealPool>;
  /** Where a vault can have a policy. */
  readonly governance?: GovernanceHost;
  /** Who holds the shares of the vault's divided key; undefined where it has none. @throws VAULT_CORRUPT */
  custody?(secrets: VaultSecrets): Promise<VaultCustody | undefined>;
  /** Those who hold them, to be asked. @throws the same, LOG_INVALID */
  custodians?(secrets: VaultSecrets): Promise<Custody | undefined>;
  /** A file of rows by its name. @throws INPUT_NOT_FOUND, INPUT_FORMAT_UNKNOWN */
  openSource(file: string, format?: Format): Promise<Source>;
  /** Where releases are remembered; none in a browser. */
  releases?(): Promise<ReleasePlace>;
}

/** The files of a vault's policy and of what comes with it. */
export interface GovernanceHost {
  /** Whether there is a policy: then the vault's owner too asks through its gate. */
  exists(): Promise<boolean>;
  /** Begin one. @throws USAGE where there is one */
  create(secrets: VaultSecrets, officers: readonly NoteKey[]): Promise<void>;
  /** @throws USAGE where there is none; LOG_ROLLBACK, LOG_FORK, VAULT_CORRUPT */
  open(inside: VaultInside): Promise<VaultGovernance>;
}

/** A vault, opened: its secrets, its pins, and where it is. */
export interface OpenFolder {
  readonly path: string;
  readonly secrets: VaultSecrets;
  readonly pins: Pins;
  readonly wraps: WrappingKeys;
  /** Absent where nothing is released to others than the owner: in a page. */
  readonly release?: ReleaseState;
  /** As `init` saved it. */
  readonly store: string;
  readonly storeToken: string;
  readonly host: VaultHost;
}
