import type { Scheme } from '../scheme.ts';
import { additiveScheme } from './support/additive-scheme.ts';
import { encryptColumns, SEAL_MOST_ROWS, type SealSettings } from './peers/seal-table.ts';
import type { SealSetting } from './peers/seal-slots.ts';

/** Those of SEAL's own example of CKKS: one product at a scale of 2^40. */
const SETTING: SealSetting = {
  scheme: 'ckks',
  degree: 8192,
  primes: [60, 40, 40, 60],
  bits: 40,
  relinearize: true,
};
const SETTINGS: SealSettings = { sums: SETTING, products: SETTING };

/** CKKS by node-seal, as `seal-bfv`, but that sums are as exact as the scale makes them. */
export const sealCkks: Scheme = additiveScheme({
  name: 'seal-ckks',
  title: 'CKKS (node-seal used directly)',
  security:
    'numbers, from the store, under RLWE (CKKS at 128 bits of the HE standard); texts that rows are chosen by are plain, and a result may go to nobody but the key’s owner, since its error depends on the key',
  family: 'homomorphic',
  packages: ['node-seal'],
  mostRows: SEAL_MOST_ROWS,
  encrypt: (table, columns, { signal }) => encryptColumns(table, columns, SETTINGS, signal),
});
