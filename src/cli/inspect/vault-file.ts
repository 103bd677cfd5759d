import { SEAL_OVERHEAD } from '../../bytes/aead.ts';
import { unframe } from '../../bytes/framing.ts';
import { costIsSane } from '../../keys/kdf.ts';
import type { Facts } from './formats.ts';

/** Checks the open part of a vault's key file (keys/sealed.ts); the rest opens with the passphrase alone. */
export function checkKeyFile(data: Uint8Array, what: string): Facts {
  const reader = unframe(data, 'VALT', what);
  const cost = { memory: reader.u32(), passes: reader.u32(), parallelism: reader.u32() };
  if (!costIsSane(cost)) reader.fail('the Argon2id cost is not sane');
  reader.raw(16);
  if (reader.remaining < SEAL_OVERHEAD) reader.fail('the sealed contents are truncated');
  const { memory, passes, parallelism } = cost;
  return { kdf: `argon2id, ${memory} KiB, ${passes} passes, ${parallelism} lanes` };
}

/** Checks that a vault's file of pinned epochs (client/local/pins.ts) has one of the sizes it can have. */
export function checkHeadFile(data: Uint8Array, what: string): Facts {
  const reader = unframe(data, 'HEAD', what);
  const pins = (reader.remaining - SEAL_OVERHEAD - 4) / (16 + 8 + 32);
  if (pins < 0 || !Number.isInteger(pins)) reader.fail('the sealed contents have an odd size');
  return { tables: pins };
}
