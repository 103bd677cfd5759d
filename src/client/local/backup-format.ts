import { equalBytes } from '../../bytes/compare.ts';
import { frame, unframe } from '../../bytes/framing.ts';
import { sha256 } from '../../bytes/hash.ts';

/** A vault's files, in the order in which a backup reads them (backup.ts says why). */
export const VAULT_FILES = ['heads.opal', 'keys.opal', 'vault.opal'] as const;

/** What a vault has besides once a key was divided for it: the public key, and where custodians answer. */
export const DIVIDED_FILES = ['custody.opal'] as const;

export type VaultFile = (typeof VAULT_FILES | typeof DIVIDED_FILES)[number];

const MAX_FILE_BYTES = 1 << 28;

/** The files as one: frame BKUP, a name and the bytes of each, SHA-256 of everything before it. */
export function encodeBackup(files: ReadonlyMap<VaultFile, Uint8Array>): Uint8Array {
  const writer = frame('BKUP').u32(files.size);
  for (const [name, bytes] of files) writer.text(name).bytes(bytes);
  const content = writer.finish();
  const out = new Uint8Array(content.length + 32);
  out.set(content);
  out.set(sha256(content), content.length);
  return out;
}

/** @throws BYTES_INVALID unless it holds every file that a vault needs, none twice and nothing else, undamaged */
export function parseBackup(bytes: Uint8Array, what: string): Map<VaultFile, Uint8Array> {
  const reader = unframe(bytes, 'BKUP', what);
  const files = new Map<VaultFile, Uint8Array>();
  const count = reader.count(8);
  for (let i = 0; i < count; i++) {
    const text = reader.text(64);
    const name = [...VAULT_FILES, ...DIVIDED_FILES].find((known) => known === text);
    if (name === undefined || files.has(name)) return reader.fail('it holds what no vault does');
    files.set(name, reader.bytes(MAX_FILE_BYTES).slice());
  }
  if (!VAULT_FILES.every((name) => files.has(name))) reader.fail('it lacks a file of the vault');
  const digest = reader.raw(32);
  reader.end();
  if (!equalBytes(sha256(bytes.subarray(0, bytes.length - 32)), digest)) {
    reader.fail('its digest does not match');
  }
  return files;
}
