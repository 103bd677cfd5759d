import { FULL, QUICK, sizesWithin } from '../effort.ts';
import type { Suite } from '../suite.ts';
import { measureWorkloads } from '../workloads.ts';
import { variantsOf } from './variants.ts';

/** Lookups at one size, of common and of rare values. */
export const search: Suite = {
  name: 'search',
  title: 'Lookups: exact, by range, by keyword, of two conditions, private',
  run: async (context) => {
    const base = context.quick ? QUICK : FULL;
    const size = context.rows ?? (context.quick ? 20_000 : 200_000);
    const sizes = sizesWithin([size], context.data.mostRows, size);
    const found = await measureWorkloads(context, { ...base, sizes }, (table) =>
      variantsOf(table, ['exact-lookup', 'range', 'keyword', 'conjunction', 'private-lookup']),
    );
    return { ...found, ablations: [] };
  },
};
