import { equalBytes } from '../../bytes/compare.ts';
import { frame, unframe } from '../../bytes/framing.ts';
import { sha256 } from '../../bytes/hash.ts';
import { isCustodyLogFile, isCustodyLogWhole } from '../custody/log-files.ts';
import { isGovernanceFile, isGovernanceWhole } from '../governance/file-names.ts';
import { isReleasesFile } from './release-place.ts';
import { FURTHER_FILES, VAULT_FILES } from './vault-files.ts';

const KNOWN: readonly string[] = [...VAULT_FILES, ...FURTHER_FILES];

/** Whether a vault may have a file of that path, with slashes, from its folder. */
const isVaultFile = (path: string): boolean =>
  KNOWN.includes(path) || isGovernanceFile(path) || isReleasesFile(path) || isCustodyLogFile(path);

const MAX_FILE_BYTES = 1 << 28;
/** Longer than the path of any file. */
const MAX_NAME_BYTES = 128;

/** The files as one: frame BKUP, a name and the bytes of each, SHA-256 of everything before it. */
export function encodeBackup(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const writer = frame('BKUP').u32(files.size);
  for (const [name, bytes] of files) writer.text(name).bytes(bytes);
  const content = writer.finish();
  const out = new Uint8Array(content.length + 32);
  out.set(content);
  out.set(sha256(content), content.length);
  return out;
}

/** @throws BYTES_INVALID unless it holds every file that a vault must have once, and nothing that none has, undamaged */
export function parseBackup(bytes: Uint8Array, what: string): Map<string, Uint8Array> {
  const reader = unframe(bytes, 'BKUP', what);
  const files = new Map<string, Uint8Array>();
  const count = reader.count(8);
  for (let i = 0; i < count; i++) {
    const name = reader.text(MAX_NAME_BYTES);
    if (!isVaultFile(name) || files.has(name)) return reader.fail('it holds what no vault does');
    files.set(name, reader.bytes(MAX_FILE_BYTES).slice());
  }
  const whole = isGovernanceWhole(files.keys()) && isCustodyLogWhole(files.keys());
  if (VAULT_FILES.some((name) => !files.has(name)) || !whole) {
    reader.fail('it lacks a file of the vault');
  }
  const digest = reader.raw(32);
  reader.end();
  if (!equalBytes(sha256(bytes.subarray(0, bytes.length - 32)), digest)) {
    reader.fail('its digest does not match');
  }
  return files;
}
