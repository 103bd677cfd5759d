import { openBytes, sealBytes } from '../bytes/aead.ts';
import { Writer } from '../bytes/codec.ts';
import { wipe } from '../bytes/compare.ts';
import { FRAME_BYTES, type FrameType, frame, unframe } from '../bytes/framing.ts';
import { randomBytes } from '../bytes/random.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { costIsSane, DEFAULT_COST, type KdfCost, stretchPassphraseAside } from './kdf.ts';

const SALT = 16;
const COST_BYTES = 12;

/**
 * A small secret file under a passphrase: its frame, Argon2id cost and salt, then AES-256-GCM of the content with
 * everything before it as associated data.
 */
export async function sealUnderPassphrase(
  type: FrameType,
  content: Uint8Array,
  passphrase: string,
  cost: KdfCost = DEFAULT_COST,
): Promise<Uint8Array> {
  const salt = randomBytes(SALT);
  const { memory, passes, parallelism } = cost;
  const header = frame(type).u32(memory).u32(passes).u32(parallelism).raw(salt).finish();
  const key = await stretchPassphraseAside(passphrase, salt, cost);
  try {
    const sealed = sealBytes(key, content, header);
    return new Writer(header.length + sealed.length).raw(header).raw(sealed).finish();
  } finally {
    wipe(key);
  }
}

/**
 * The content of such a file; wipe it after use.
 * @param path for messages
 * @throws BYTES_INVALID for a file of another form, PASSPHRASE_WRONG for a wrong passphrase or an altered file
 */
export async function openUnderPassphrase(
  type: FrameType,
  file: Uint8Array,
  passphrase: string,
  path: string,
): Promise<Uint8Array> {
  const reader = unframe(file, type, path);
  const cost = { memory: reader.u32(), passes: reader.u32(), parallelism: reader.u32() };
  if (!costIsSane(cost)) reader.fail('the Argon2id cost is not sane');
  const salt = reader.raw(SALT);
  const header = file.subarray(0, FRAME_BYTES + COST_BYTES + SALT);
  const key = await stretchPassphraseAside(passphrase, salt, cost);
  try {
    return openBytes(key, reader.raw(reader.remaining), header, path);
  } catch {
    throw new OpalineError('PASSPHRASE_WRONG', { path });
  } finally {
    wipe(key);
  }
}
