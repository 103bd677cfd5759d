import { checkAbort } from '../../../client/ingest/reading.ts';
import type { Scheme } from '../scheme.ts';
import { additiveScheme, type Opened } from './support/additive-scheme.ts';
import { PlainTable } from './support/plain-table.ts';
import { turn } from '../../../run/turn.ts';

const BITS = 2048;
/** A ciphertext is a number below n². */
const CIPHERTEXT_BYTES = (2 * BITS) / 8;
/** Each value takes a tenth of a second to encrypt. */
const MOST_ROWS = 64;

/** paillier-bigint: a ciphertext a value, and additions alone. */
export const paillier: Scheme = additiveScheme({
  name: 'paillier',
  title: 'Paillier, 2048 bits (paillier-bigint)',
  security:
    'numbers, from the store, under decisional composite residuosity (2048 bits, about 112 bits of security); texts that rows are chosen by are plain',
  family: 'homomorphic',
  packages: ['paillier-bigint'],
  mostRows: MOST_ROWS,
  encrypt: async (table, columns, { signal }) => {
    checkAbort(signal);
    const { generateRandomKeys } = await import('paillier-bigint');
    const { publicKey, privateKey } = await generateRandomKeys(BITS);
    const plain = new PlainTable(table);
    const encrypted = new Map<string, readonly bigint[]>();
    for (const name of columns) {
      const ciphertexts: bigint[] = [];
      for (const value of plain.integers(name)!) {
        await turn();
        checkAbort(signal);
        ciphertexts.push(publicKey.encrypt(BigInt(value) + (value < 0 ? publicKey.n : 0n)));
      }
      encrypted.set(name, ciphertexts);
    }
    const open = (ciphertext: bigint): Opened => {
      const value = privateKey.decrypt(ciphertext);
      const centred = value > publicKey.n / 2n ? value - publicKey.n : value;
      return { value: centred, bytes: CIPHERTEXT_BYTES };
    };
    const add = (sum: bigint | undefined, ciphertext: bigint): bigint =>
      sum === undefined ? ciphertext : publicKey.addition(sum, ciphertext);
    const atRest = columns.length * table.rows * CIPHERTEXT_BYTES;
    return {
      bytes: () => ({ atRest, keys: BITS / 8 }),
      sum: (column, chosen) => {
        let sum: bigint | undefined;
        encrypted.get(column)!.forEach((ciphertext, row) => {
          if (chosen?.(row) !== false) sum = add(sum, ciphertext);
        });
        return sum === undefined ? { value: 0n, bytes: 0 } : open(sum);
      },
      groups: (column, codes, count) => {
        const sums = Array.from({ length: count }, (): bigint | undefined => undefined);
        encrypted.get(column)!.forEach((ciphertext, row) => {
          const code = codes[row]!;
          sums[code] = add(sums[code], ciphertext);
        });
        return sums.map((sum) => (sum === undefined ? undefined : open(sum)));
      },
      [Symbol.dispose]: () => encrypted.clear(),
    };
  },
});
