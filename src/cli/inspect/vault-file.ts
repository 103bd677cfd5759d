import { SEAL_OVERHEAD } from '../../bytes/aead.ts';
import { type FrameType, unframe } from '../../bytes/framing.ts';
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
  return { tables: sealedEntries(data, 'HEAD', 16 + 8 + 32, what) };
}

/** The same of a vault's wrapping keys (client/local/wrapping-keys.ts). */
export function checkWrapFile(data: Uint8Array, what: string): Facts {
  return { keys: sealedEntries(data, 'WRAP', 16 + 16 + 32, what) };
}

/** The same of a vault's release state (client/local/release-state.ts), which has one size. */
export function checkReleaseFile(data: Uint8Array, what: string): Facts {
  const reader = unframe(data, 'RLSE', what);
  if (reader.remaining !== SEAL_OVERHEAD + 1 + 8) {
    reader.fail('the sealed contents have an odd size');
  }
  return {};
}

/** How many entries of `size` bytes a sealed list has: all that its length tells. */
function sealedEntries(data: Uint8Array, type: FrameType, size: number, what: string): number {
  const reader = unframe(data, type, what);
  const entries = (reader.remaining - SEAL_OVERHEAD - 4) / size;
  if (entries < 0 || !Number.isInteger(entries)) {
    reader.fail('the sealed contents have an odd size');
  }
  return entries;
}
