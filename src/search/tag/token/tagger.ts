import { wipe } from '../../../bytes/compare.ts';
import { deriveKey, keyedHmac } from '../../../bytes/hash.ts';
import { IDENTITY_BYTES } from '../format.ts';

/** A keyword's tag, and what tells it from the others of that tag. */
export interface Tagged {
  readonly tag: number;
  readonly identity: Uint8Array;
}

export interface Tagger {
  of(keyword: Uint8Array): Tagged;
  destroy(): void;
}

/** First byte of the identity of a keyword that is too long to be its own. */
const BY_MAC = 0xff;
/** First byte of what is sealed for a row without a keyword. */
const NOTHING = 0xfe;

/**
 * Tags are the first bits of HMAC-SHA-256 of the keyword. An identity is the keyword itself, after its length and padded
 * with zeros, where it has up to 15 bytes, as numbers and short texts have; else other 15 bytes of the
 * same MAC, which no two keywords share but with probability 2^−120. So all have one size, whatever the values are.
 */
export function tagger(key: Uint8Array, bits: number): Tagger {
  const macKey = deriveKey(key, 'opaline/tag/mac');
  const mac = keyedHmac(macKey);
  wipe(macKey);
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  return {
    of: (keyword) => {
      mac(keyword, out);
      const tag = bits === 0 ? 0 : view.getUint32(0) >>> (32 - bits);
      const identity = new Uint8Array(IDENTITY_BYTES);
      const room = IDENTITY_BYTES - 1;
      const short = keyword.length <= room;
      identity[0] = short ? keyword.length : BY_MAC;
      identity.set(short ? keyword : out.subarray(32 - room), 1);
      return { tag, identity };
    },
    destroy: () => {
      wipe(out);
      mac.destroy();
    },
  };
}

/** What is sealed for a row without a keyword: it is no keyword's identity. */
export function noIdentity(): Uint8Array {
  const identity = new Uint8Array(IDENTITY_BYTES);
  identity[0] = NOTHING;
  return identity;
}
