import { createRequire } from 'node:module';
import { toHex } from '../../../../bytes/hex.ts';
import { randomBytes } from '../../../../bytes/random.ts';
import { OpalineError } from '../../../../errors/opaline-error.ts';

/** More than the values of a column need to differ: whole tags, which find no other rows. */
export const TAG_BITS = 64;
const INDEX = 'value';

/** A field of ciphersweet-js with a blind index of its values; `tag` of one value is computed once. */
export interface SweetField {
  readonly encrypt: (value: string) => Promise<string>;
  readonly decrypt: (sealed: string) => Promise<string>;
  readonly tag: (value: string) => Promise<string>;
}

/** Fields of one table under a key of their own, by the faster of its backends where nothing native is installed. */
export function sweetFields(): (name: string) => SweetField {
  const require = createRequire(import.meta.url);
  const { BlindIndex, CipherSweet, EncryptedField, FIPSCrypto, StringProvider } =
    require('ciphersweet-js') as typeof import('ciphersweet-js');
  const engine = new CipherSweet(new StringProvider(toHex(randomBytes(32))), new FIPSCrypto());
  return (name) => {
    const field = new EncryptedField(engine, 'lab', name);
    field.addBlindIndex(new BlindIndex(INDEX, [], TAG_BITS, true));
    const tags = new Map<string, string>();
    return {
      encrypt: (value) => field.encryptValue(bytesOf(value)),
      decrypt: async (sealed) => (await field.decryptValue(sealed)).toString(),
      tag: async (value) => {
        let tag = tags.get(value);
        if (tag === undefined) {
          // Its types say that an object comes back; of an untyped index it is the text alone.
          const found: unknown = await field.getBlindIndex(bytesOf(value), INDEX);
          if (typeof found !== 'string') {
            throw new OpalineError('INTERNAL', { reason: 'a blind index is not a text' });
          }
          tags.set(value, (tag = found));
        }
        return tag;
      },
    };
  };
}

/** Of a string it takes the lower byte of each character; of bytes, which its types leave out, all. */
function bytesOf(value: string): string {
  return Buffer.from(value) as unknown as string;
}
