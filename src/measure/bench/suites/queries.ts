import { FULL, QUICK, sizesWithin } from '../effort.ts';
import type { Suite } from '../suite.ts';
import { measureWorkloads } from '../workloads.ts';
import { variantsOf } from './variants.ts';

/** Aggregates at one size, of common and of rare groups of rows. */
export const queries: Suite = {
  name: 'queries',
  title: 'Aggregates: sums, averages of few and of many rows, groups, correlation',
  run: async (context) => {
    const base = context.quick ? QUICK : FULL;
    const size = context.rows ?? (context.quick ? 20_000 : 1_000_000);
    const sizes = sizesWithin([size], context.data.mostRows, size);
    const found = await measureWorkloads(context, { ...base, sizes }, (table) =>
      variantsOf(table, ['sum', 'filtered-average', 'group-by', 'correlation']),
    );
    return { ...found, ablations: [] };
  },
};
