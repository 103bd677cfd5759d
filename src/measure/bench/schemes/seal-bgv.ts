import type { Scheme } from '../scheme.ts';
import { additiveScheme } from './support/additive-scheme.ts';
import { encryptColumns, exactSettings, SEAL_MOST_ROWS } from './peers/seal-table.ts';

/** BGV by node-seal, as `seal-bfv`. */
export const sealBgv: Scheme = additiveScheme({
  name: 'seal-bgv',
  title: 'BGV (node-seal used directly)',
  security:
    'numbers, from the store, under RLWE (BGV at 128 bits of the HE standard); texts that rows are chosen by are plain',
  family: 'homomorphic',
  packages: ['node-seal'],
  mostRows: SEAL_MOST_ROWS,
  encrypt: (table, columns, { signal }) =>
    encryptColumns(table, columns, exactSettings('bgv', table, columns), signal),
});
