import type { Scheme, WorkloadName } from '../scheme.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

/** A table as a schema has it that says nothing of indexes: sse for every column, pairs of few numbers as products. */
export const opaline: Scheme = opalineScheme({
  name: 'opaline',
  title: 'Opaline, sums by BFV, default index',
  security:
    'values and questions, from the store: sums under RLWE (BFV at 128 bits of the HE standard), lookups up to the declared leakage of structured encryption, under a PRF and AES-256-GCM',
  family: 'homomorphic',
  expectedGrowth: (workload) => GROWTH[workload] ?? null,
  layout: (table) => layoutOf(table, () => 'sse'),
});

/** Sums over every row start from totals; lookups grow with what they find. */
const GROWTH: Partial<Record<WorkloadName, number>> = {
  'filtered-average': 1,
  'group-by': 1,
  'private-lookup': 0,
};
