import type { Scheme } from '../scheme.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

/** Columns stored to be multiplied: any two of them correlate, though nobody said which at ingest. */
export const opalineProduct: Scheme = opalineScheme({
  name: 'opaline-product',
  title: 'Opaline, undeclared pairs multiplied by BGV',
  security:
    'values, from the store, under RLWE (BFV and BGV at 128 bits of the HE standard); it sees which columns are multiplied and over which rows',
  family: 'homomorphic',
  workloads: ['correlation'],
  layout: (table) =>
    layoutOf(table, ({ kind }) => (kind === 'integer' ? [] : undefined), {
      table: { undeclared: 'product' },
    }),
});
