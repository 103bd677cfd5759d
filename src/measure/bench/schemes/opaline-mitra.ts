import type { Scheme } from '../scheme.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

/** Mitra (Ghareh Chamani et al. 2018): an entry a posting, for tables that change record by record. */
export const opalineMitra: Scheme = opalineScheme({
  name: 'opaline-mitra',
  title: 'Opaline, dynamic index (Mitra)',
  security:
    'values and questions, from the store, under a PRF: forward private, backward private of type II; it sees how many entries a keyword has and, as it goes on with them, which rows',
  family: 'sse',
  layout: (table) => layoutOf(table, ({ kind }) => (kind === 'integer' ? undefined : 'mitra')),
});
