import type { Scheme } from '../scheme.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

const opalinePir = (scheme: 'lwe' | 'bfv', title: string, assumption: string): Scheme =>
  opalineScheme({
    name: `opaline-pir-${scheme}`,
    title,
    security: `which value is looked up, whether it is there and whether it was before, from the store, under ${assumption}; what the table holds, under AES-256-GCM`,
    family: 'hiding',
    expectedGrowth: (workload) => (workload === 'private-lookup' ? 1 : null),
    layout: (table) =>
      layoutOf(table, ({ kind }) => (kind === 'integer' ? undefined : { index: 'pir', scheme })),
  });

/** The whole table times an encrypted unit vector: matrix and vector modulo 2^32 (SimplePIR 2022). */
export const opalinePirLwe: Scheme = opalinePir(
  'lwe',
  'Opaline, private information retrieval by LWE',
  'LWE',
);

/** Smaller queries and no hint, at more work for the store (MulPIR and FastPIR's way). */
export const opalinePirBfv: Scheme = opalinePir(
  'bfv',
  'Opaline, private information retrieval by BFV',
  'RLWE',
);
