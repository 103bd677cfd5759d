import type { Scheme } from '../scheme.ts';
import { additiveScheme } from './support/additive-scheme.ts';
import { encryptColumns, exactSettings, SEAL_MOST_ROWS } from './peers/seal-table.ts';

/** BFV by node-seal without anything of Opaline: slots, masks of zeros and ones, sums; slots are added up by the owner. */
export const sealBfv: Scheme = additiveScheme({
  name: 'seal-bfv',
  title: 'BFV (node-seal used directly)',
  security:
    'numbers, from the store, under RLWE (BFV at 128 bits of the HE standard); texts that rows are chosen by are plain',
  family: 'homomorphic',
  packages: ['node-seal'],
  mostRows: SEAL_MOST_ROWS,
  encrypt: (table, columns, { signal }) =>
    encryptColumns(table, columns, exactSettings('bfv', table, columns), signal),
});
