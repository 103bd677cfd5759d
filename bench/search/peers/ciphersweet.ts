import { createRequire } from 'node:module';
import { randomBytes } from '../../../src/bytes/random.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import type { SearchPeer } from './peer.ts';

/** More than the words of the corpus need to differ. */
const INDEX_BITS = 64;
const NAME = 'word';

/**
 * A blind index of every word, and in the database's place a map from index to documents. The faster of its backends
 * where nothing native is installed; the index of a word that many documents have is computed once.
 */
export const ciphersweet: SearchPeer = {
  name: 'ciphersweet-js 2.0.6, blind index',
  hides: 'words; shows at rest how often each is there, and where',
  index: async ({ words }) => {
    const require = createRequire(import.meta.url);
    const { BlindIndex, CipherSweet, EncryptedField, FIPSCrypto, StringProvider } =
      require('ciphersweet-js') as typeof import('ciphersweet-js');
    const engine = new CipherSweet(new StringProvider(toHex(randomBytes(32))), new FIPSCrypto());
    const field = new EncryptedField(engine, 'emails', 'words');
    field.addBlindIndex(new BlindIndex(NAME, [], INDEX_BITS, true));
    // Its types say that an object comes back; of an untyped index it is the text alone.
    const blind = async (word: string): Promise<string> => {
      const found: unknown = await field.getBlindIndex(word, NAME);
      if (typeof found !== 'string') throw new Error('a blind index is not a text');
      return found;
    };
    const blinded = new Map<string, string>();
    const stored = new Map<string, number[]>();
    for (const [document, each] of words.entries()) {
      for (const word of each) {
        let index = blinded.get(word);
        if (index === undefined) blinded.set(word, (index = await blind(word)));
        const list = stored.get(index);
        if (list === undefined) stored.set(index, [document]);
        else list.push(document);
      }
    }
    return {
      search: async (word) => Uint32Array.from(stored.get(await blind(word)) ?? []),
    };
  },
};
