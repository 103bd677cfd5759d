import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { wipe } from '../../bytes/compare.ts';
import { isFrame } from '../../bytes/framing.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { openUnderPassphrase, sealUnderPassphrase } from '../../keys/passphrase-file.ts';
import { decodeShare, encodeShare, type KeyShare, parseShareText } from '../../keys/shares.ts';
import { writeAtomic } from '../local/atomic-file.ts';

/** A share of a vault's key in a file of its own, under a passphrase of its own. @throws VAULT_EXISTS, STORE_IO */
export async function sealShareFile(
  path: string,
  share: KeyShare,
  passphrase: string,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if ((await stat(path).catch(() => undefined)) !== undefined) {
    throw new OpalineError('VAULT_EXISTS', { path });
  }
  const bytes = encodeShare(share);
  try {
    await writeAtomic(path, await sealUnderPassphrase('SHAR', bytes, passphrase));
  } finally {
    wipe(bytes);
  }
}

/**
 * A share from such a file, or from one that holds a share's text.
 * @param passphrase asked for where the file is sealed
 * @throws INPUT_NOT_FOUND, PASSPHRASE_WRONG, BYTES_INVALID
 */
export async function readShareFile(path: string, passphrase: () => string): Promise<KeyShare> {
  const file = await readFile(path).catch(() => {
    throw new OpalineError('INPUT_NOT_FOUND', { path });
  });
  const bytes = new Uint8Array(file);
  if (!isFrame(bytes, 'SHAR')) return parseShareText(new TextDecoder().decode(bytes), path);
  const content = await openUnderPassphrase('SHAR', bytes, passphrase(), path);
  try {
    return decodeShare(content, path);
  } finally {
    wipe(content);
  }
}
