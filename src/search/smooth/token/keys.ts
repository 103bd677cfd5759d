import { openNonceless, PreparedKey, sealNonceless } from '../../../bytes/aead.ts';
import { wipe } from '../../../bytes/compare.ts';
import { deriveKey, keyedHmac, type KeyedHmac } from '../../../bytes/hash.ts';
import { LABEL_BYTES } from '../../sse/region.ts';
import { WHAT } from '../format.ts';
import type { Access } from '../smoothing.ts';
import { NAME_BYTES } from '../state.ts';

/** What the vault does with the index's key. */
export interface SmoothKeys {
  /** What the vault knows a keyword by. */
  readonly name: (keyword: Uint8Array) => Uint8Array;
  /** Where a replica lies, 16 bytes. */
  readonly label: (access: Access) => Uint8Array;
  /** Seal a replica, into `out` from byte `at` on. */
  readonly seal: (out: Uint8Array, at: number, access: Access, plaintext: Uint8Array) => void;
  /** @throws BYTES_INVALID unless it is that replica, unaltered. */
  readonly open: (access: Access, sealed: Uint8Array) => Uint8Array;
  readonly destroy: () => void;
}

/**
 * A label is HMAC-SHA-256 of the value's number and the replica's. The two numbers are also the nonce under which
 * AES-256-GCM seals the replica, which happens once under a key; replicas of a value are unlike ciphertexts.
 */
export function smoothKeys(key: Uint8Array): SmoothKeys {
  const keyed = (use: string): KeyedHmac => {
    const derived = deriveKey(key, `opaline/smooth/${use}`);
    const mac = keyedHmac(derived);
    wipe(derived);
    return mac;
  };
  const [names, labels] = [keyed('name'), keyed('label')];
  const valueKey = deriveKey(key, 'opaline/smooth/value');
  const prepared = new PreparedKey(valueKey);
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  const number = ({ value, replica }: Access): Uint8Array => {
    view.setUint32(0, value, true);
    view.setUint32(4, replica, true);
    return nonce;
  };
  return {
    name: (keyword) => names(keyword).slice(0, NAME_BYTES),
    label: (access) => labels(number(access)).slice(0, LABEL_BYTES),
    seal: (out, at, access, plaintext) =>
      sealNonceless(out, at, prepared, number(access), plaintext),
    open: (access, sealed) => openNonceless(prepared, number(access), sealed, WHAT),
    destroy: () => {
      names.destroy();
      labels.destroy();
      prepared[Symbol.dispose]();
      wipe(valueKey);
    },
  };
}
