import { openBytes, sealBytes } from '../bytes/aead.ts';
import { Reader, Writer } from '../bytes/codec.ts';
import { wipe } from '../bytes/compare.ts';
import { FRAME_BYTES, frame, unframe } from '../bytes/framing.ts';
import { randomBytes } from '../bytes/random.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import {
  costIsSane,
  DEFAULT_COST,
  type KdfCost,
  stretchPassphrase,
  stretchPassphraseAside,
} from './kdf.ts';

/** Everything a vault keeps secret, as it is sealed under the passphrase. */
export interface VaultContents {
  /** 32 bytes; every symmetric key of the vault derives from it. */
  readonly master: Uint8Array;
  /** 32-byte Ed25519 secret that signs manifests. */
  readonly signing: Uint8Array;
  /** The ring secret in the engine's format (engine/seal/encrypt.ts). */
  readonly ring: Uint8Array;
  /** Where the ciphertexts are: a folder or an address. */
  readonly store: string;
  /** Bearer token of a remote store; '' where it asks for none. */
  readonly storeToken: string;
}

const SALT = 16;

/**
 * The vault's key file: frame VALT, Argon2id cost and salt, then AES-256-GCM of the contents with
 * everything before it as associated data.
 */
export function sealVault(
  contents: VaultContents,
  passphrase: string,
  cost: KdfCost = DEFAULT_COST,
): Uint8Array {
  const salt = randomBytes(SALT);
  const header = frame('VALT')
    .u32(cost.memory)
    .u32(cost.passes)
    .u32(cost.parallelism)
    .raw(salt)
    .finish();
  const plain = new Writer(4096)
    .bytes(contents.master)
    .bytes(contents.signing)
    .bytes(contents.ring)
    .text(contents.store)
    .text(contents.storeToken)
    .finish();
  const key = stretchPassphrase(passphrase, salt, cost);
  try {
    const sealed = sealBytes(key, plain, header);
    return new Writer(header.length + sealed.length).raw(header).raw(sealed).finish();
  } finally {
    wipe(key, plain);
  }
}

/**
 * Open a key file. `meanwhile` is called once the passphrase is being stretched.
 * @throws PASSPHRASE_WRONG when authentication fails (a wrong passphrase and an altered file cannot
 * be told apart), VAULT_CORRUPT when the file is not a key file at all.
 */
export async function openVaultFile(
  file: Uint8Array,
  passphrase: string,
  path: string,
  meanwhile?: () => void,
): Promise<VaultContents> {
  const { cost, salt, header, sealed } = parse(file, path);
  const stretching = stretchPassphraseAside(passphrase, salt, cost);
  meanwhile?.();
  const key = await stretching;
  let plain: Uint8Array;
  try {
    plain = openBytes(key, sealed, header, 'the vault');
  } catch {
    throw new OpalineError('PASSPHRASE_WRONG', { path });
  } finally {
    wipe(key);
  }
  const reader = new Reader(plain, 'the vault');
  const contents = {
    master: reader.bytes(32).slice(),
    signing: reader.bytes(32).slice(),
    ring: reader.bytes(1 << 20).slice(),
    store: reader.text(),
    storeToken: reader.text(),
  };
  reader.end();
  wipe(plain);
  return contents;
}

function parse(
  file: Uint8Array,
  path: string,
): { cost: KdfCost; salt: Uint8Array; header: Uint8Array; sealed: Uint8Array } {
  try {
    const reader = unframe(file, 'VALT', 'vault.opal');
    const cost = { memory: reader.u32(), passes: reader.u32(), parallelism: reader.u32() };
    if (!costIsSane(cost)) reader.fail('the Argon2id cost is not sane');
    const salt = reader.raw(SALT);
    const header = file.subarray(0, FRAME_BYTES + 12 + SALT);
    return { cost, salt, header, sealed: reader.raw(reader.remaining) };
  } catch (error) {
    if (error instanceof OpalineError && error.code === 'BYTES_INVALID') {
      throw new OpalineError('VAULT_CORRUPT', { path, reason: error.message });
    }
    throw error;
  }
}
