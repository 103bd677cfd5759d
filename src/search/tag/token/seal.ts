import { openBytes, PreparedKey, SEAL_OVERHEAD, sealInto } from '../../../bytes/aead.ts';
import { wipe } from '../../../bytes/compare.ts';
import { deriveKey } from '../../../bytes/hash.ts';
import { IDENTITY_BYTES, REPLY, SEALED_BYTES } from '../format.ts';

/**
 * Where a sealed identity belongs: it is number `position` of the `of` rows that have `tag`. A
 * reply that lacks one, or has one of another tag, does not open.
 */
export interface SealedPlace {
  readonly row: number;
  readonly tag: number;
  readonly position: number;
  readonly of: number;
}

const NONCE = 12;

/** AES-256-GCM of identities. The key is of one build, and the row is the nonce, which is not stored. */
export interface IdentitySeal {
  /** SEALED_BYTES into `out` from `at` on. */
  seal(identity: Uint8Array, place: SealedPlace, out: Uint8Array, at: number): void;
  /** @throws BYTES_INVALID when it was altered or belongs elsewhere */
  open(sealed: Uint8Array, place: SealedPlace): Uint8Array;
  destroy(): void;
}

export function identitySeal(key: Uint8Array): IdentitySeal {
  const sealKey = deriveKey(key, 'opaline/tag/seal');
  const prepared = new PreparedKey(sealKey);
  const nonce = new Uint8Array(NONCE);
  const nonceView = new DataView(nonce.buffer);
  const aad = new Uint8Array(12);
  const aadView = new DataView(aad.buffer);
  const scratch = new Uint8Array(IDENTITY_BYTES + SEAL_OVERHEAD);
  const aim = ({ row, tag, position, of }: SealedPlace): void => {
    nonceView.setUint32(0, row, true);
    aadView.setUint32(0, tag, true);
    aadView.setUint32(4, position, true);
    aadView.setUint32(8, of, true);
  };
  return {
    seal: (identity, place, out, at) => {
      aim(place);
      sealInto(scratch, 0, prepared, nonce, identity, aad);
      out.set(scratch.subarray(NONCE, NONCE + SEALED_BYTES), at);
    },
    open: (sealed, place) => {
      aim(place);
      scratch.set(nonce);
      scratch.set(sealed, NONCE);
      return openBytes(prepared, scratch, aad, REPLY);
    },
    destroy: () => {
      prepared[Symbol.dispose]();
      wipe(sealKey);
    },
  };
}
