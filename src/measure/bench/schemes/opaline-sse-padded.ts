import type { Scheme } from '../scheme.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

/** Every reply as long as the longest (Patel–Persiano–Yeo–Yung 2019). */
export const opalineSsePadded: Scheme = opalineScheme({
  name: 'opaline-sse-padded',
  title: 'Opaline, volume-hiding index',
  security:
    'values, questions, volumes and rows of a lookup, from the store, under a PRF and AES-256-GCM; it sees whether the same was looked up before',
  family: 'hiding',
  layout: (table) => layoutOf(table, ({ kind }) => (kind === 'integer' ? undefined : 'sse-padded')),
});
