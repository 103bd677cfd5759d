import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../audit/checkpoint.ts';
import { LogFolder } from '../../audit/file/log-folder.ts';
import { sealingKeys } from '../../audit/subject-keys.ts';
import type { VisitEntry } from '../../audit/verify/verify-details.ts';
import { type LogVerdict, verifyLog } from '../../audit/verify/verify-log.ts';
import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { toHex } from '../../bytes/hex.ts';
import { NOTE_SIGNATURE, type NoteKey, noteKeyOfSecret } from '../../bytes/note-key.ts';
import { isOpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { LogReplay } from '../../policy/replay/log-replay.ts';
import type { ReplayVerdict } from '../../policy/replay/verdict.ts';
import { openPolicy, policyText } from '../../policy/signed-policy.ts';
import { type CustodyLogVerdict, verifyCustodyLog } from '../custody/verify-custody-log.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import { logOrigin, logSecrets, pinnedHead } from './assessment/governance.ts';
import { LOG_FOLDER, policyFile } from './file-names.ts';
import { governanceFiles } from './governance-files.ts';
import { governancePlace } from './place.ts';
import { PolicyFile } from './policy-file.ts';

export interface VerifyVaultLogOptions {
  /** Heads that were kept elsewhere, beside the vault's own pin. */
  readonly heads?: readonly { readonly where: string; readonly head: Checkpoint }[];
  readonly witnesses?: readonly NoteKey[];
  readonly onEntry?: VisitEntry;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface VaultLogVerdict {
  /** Of the log's structure. */
  readonly verdict: LogVerdict;
  /** Of what it says. */
  readonly meaning: ReplayVerdict;
  /** Of the log of what custodians were asked; undefined: they never were. */
  readonly custody: CustodyLogVerdict | undefined;
}

/** The key that a vault's log is signed by. */
export function vaultLogKey({ secrets }: Pick<OpenFolder, 'secrets'>): NoteKey {
  return noteKeyOfSecret(logOrigin(secrets), NOTE_SIGNATURE, logSecrets(secrets).signing);
}

/**
 * Verifies the log of a vault with a policy: its structure, from the head that the vault remembers on, and with its
 * details opened what it says, by the policies that the officers signed. What is wrong with it is a finding.
 * @throws LOG_NOT_FOUND, VAULT_CORRUPT, POLICY_INVALID, STORE_IO
 */
export async function verifyVaultLog(
  folder: OpenFolder,
  options: VerifyVaultLogOptions = {},
): Promise<VaultLogVerdict> {
  const place = governancePlace(folder.path);
  const replay = new LogReplay({ signed: await signedPolicies(folder) });
  const pinned = await pinnedHead(folder);
  const { heads = [], witnesses = [], onEntry, onProgress } = options;
  const verdict = await verifyLog(await LogFolder.open(join(place, LOG_FOLDER)), {
    key: vaultLogKey(folder),
    sealing: sealingKeys(logSecrets(folder.secrets).sealing),
    heads: pinned === undefined ? heads : [...heads, { where: 'the vault’s pin', head: pinned }],
    witnesses,
    onProgress,
    onEntry: (index, leaf, states) => {
      const { kind, time } = leaf;
      const details = states.map((state) =>
        state.kind === 'open' ? state.detail.content : state.kind === 'absent' ? 'gone' : 'sealed',
      );
      replay.visit({ index, kind, time, details });
      onEntry?.(index, leaf, states);
    },
  });
  const custody = await verifyCustodyLog(folder.path, folder.secrets);
  return { verdict, meaning: replay.finish(), custody };
}

/** Digests of the policies that the vault's officers signed, by revision, from its files. */
async function signedPolicies({ path, secrets }: OpenFolder): Promise<ReadonlyMap<number, string>> {
  const place = governancePlace(path);
  const { officers } = governanceFiles(place, secrets);
  const keys = await new PolicyFile(place, officers).keys();
  const { revision: last } = await officers.read();
  const digests = new Map<number, string>();
  for (let revision = 1; revision <= last; revision++) {
    try {
      const document = openPolicy(await readFile(join(place, policyFile(revision))), keys);
      digests.set(document.revision, toHex(sha256(utf8(policyText(document)))));
    } catch (error) {
      // One that is lost or altered is told where the log puts it in force.
      if (!isOpalineError(error, 'POLICY_INVALID') && systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return digests;
}
