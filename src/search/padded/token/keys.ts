import { openNonceless, PreparedKey, sealNonceless } from '../../../bytes/aead.ts';
import { wipe } from '../../../bytes/compare.ts';
import { deriveKey, hmacSha256, keyedHmac, type KeyedHmac } from '../../../bytes/hash.ts';
import { WHAT } from '../format.ts';

/** What the vault does with the index's key. */
export interface PaddedKeys {
  /** The delegated key of a keyword: where its cells may lie. 32 bytes. */
  readonly seed: (keyword: Uint8Array, into?: Uint8Array) => Uint8Array;
  /** Seal a cell for a place, into `out` from byte `at` on. */
  readonly seal: (out: Uint8Array, at: number, place: number, plaintext: Uint8Array) => void;
  /** @throws BYTES_INVALID unless it is the cell of that place, unaltered. */
  readonly open: (place: number, sealed: Uint8Array) => Uint8Array;
  readonly destroy: () => void;
}

/**
 * Keys of one attempt to build an index, by its salt. HMAC-SHA-256 is the pseudorandom function of keywords; cells
 * are sealed by AES-256-GCM under a nonce that is their place, which is sealed once under such a key.
 */
export function paddedKeys(key: Uint8Array, salt: Uint8Array): PaddedKeys {
  const root = hmacSha256(key, salt);
  const seedKey = deriveKey(root, 'opaline/sse-padded/seed');
  const cellKey = deriveKey(root, 'opaline/sse-padded/cell');
  const prepared = new PreparedKey(cellKey);
  const mac: KeyedHmac = keyedHmac(seedKey);
  wipe(root, seedKey);
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  return {
    seed: (keyword, into) => mac(keyword, into),
    seal: (out, at, place, plaintext) => {
      view.setUint32(0, place, true);
      sealNonceless(out, at, prepared, nonce, plaintext);
    },
    open: (place, sealed) => {
      view.setUint32(0, place, true);
      return openNonceless(prepared, nonce, sealed, WHAT);
    },
    destroy: () => {
      mac.destroy();
      prepared[Symbol.dispose]();
      wipe(cellKey);
    },
  };
}
