import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AuditLog, type LogSecrets } from '../../../audit/file/audit-log.ts';
import type { Checkpoint } from '../../../audit/checkpoint.ts';
import { type Reader } from '../../../bytes/codec.ts';
import { toHex } from '../../../bytes/hex.ts';
import { parseKey } from '../../../bytes/note-key.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { systemCode } from '../../../errors/system-code.ts';
import type { VaultSecrets } from '../../../keys/secret.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { openPolicy } from '../../../policy/signed-policy.ts';
import { fileAt } from '../../local/atomic-file.ts';
import { LOG_PIN } from '../../local/pins.ts';
import { readSealedFile, type SealedFile } from '../../local/sealed-file.ts';
import type { OpenFolder } from '../../local/vault-host.ts';

/** Where a vault's governance lies. */
export const governanceOf = (vault: string): string => join(vault, 'governance');
export const logOf = (vault: string): string => join(governanceOf(vault), 'log');

/** A sealed file of a vault's governance, under a key of its own. */
export function governanceFile(vault: string, secrets: VaultSecrets, name: string): SealedFile {
  return {
    file: fileAt(join(governanceOf(vault), `${name}.opal`)),
    key: secrets.localKey(`governance/${name}`),
    type: 'GOVN',
  };
}

/** Whether something is there. @throws STORE_IO where that cannot be told */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const reason = systemCode(error);
    if (reason === 'ENOENT') return false;
    throw new OpalineError('STORE_IO', { operation: 'looking for the vault’s policy', reason });
  }
}

const officersForm = z.object({
  officers: z.array(z.string().max(1000)).min(1).max(16),
  revision: z.int().min(0),
});

/**
 * The policy in force, signed by all of its officers; undefined where the vault has none, or none is signed yet.
 * @throws VAULT_CORRUPT, POLICY_INVALID
 */
export async function policyInForce({
  path,
  secrets,
}: OpenFolder): Promise<PolicyDocument | undefined> {
  if (!(await isThere(governanceOf(path)))) return undefined;
  const { officers, revision } = await readSealedFile(
    governanceFile(path, secrets, 'officers'),
    (reader) => {
      const parsed = officersForm.safeParse(jsonOf(reader));
      return parsed.success ? parsed.data : reader.fail('its content is not of its form');
    },
  );
  if (revision === 0) return undefined;
  const file = join(governanceOf(path), `policy-${revision}.note`);
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new OpalineError('POLICY_INVALID', { path: 'document', reason: systemCode(error) });
  });
  const document = openPolicy(new Uint8Array(bytes), officers.map(parseKey));
  if (document.revision === revision) return document;
  throw new OpalineError('POLICY_INVALID', {
    path: 'revision',
    reason: `${document.revision}, and ${revision} is in force`,
  });
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON that a sealed file holds. @throws BYTES_INVALID */
export function jsonOf(reader: Reader): unknown {
  const bytes = reader.bytes();
  try {
    return JSON.parse(DECODER.decode(bytes));
  } catch {
    return reader.fail('its content is not JSON');
  }
}

/** The keys of a vault's audit log, which follow from its master key. */
export function logSecrets(secrets: VaultSecrets): LogSecrets {
  return { signing: secrets.localKey('audit-signing'), sealing: secrets.localKey('audit-sealing') };
}

/** The log's name: the vault's public key. */
export const logOrigin = ({ publicKey }: VaultSecrets): string =>
  `opaline/vault/${toHex(publicKey)}`;

/** The newest head that the vault remembers, of any process. */
export async function pinnedHead({ pins, secrets }: OpenFolder): Promise<Checkpoint | undefined> {
  await pins.refresh();
  const pin = pins.get(LOG_PIN);
  if (pin === undefined) return undefined;
  return { origin: logOrigin(secrets), size: pin.epoch, root: pin.digest, extensions: [] };
}

/** The vault's audit log; undefined where it has none. @throws LOG_INVALID, LOG_ROLLBACK, LOG_FORK */
export async function openVaultLog(folder: OpenFolder): Promise<AuditLog | undefined> {
  const path = logOf(folder.path);
  if (!(await isThere(path))) return undefined;
  return await AuditLog.open(path, logSecrets(folder.secrets), await pinnedHead(folder));
}
