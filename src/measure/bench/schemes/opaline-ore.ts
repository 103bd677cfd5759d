import type { Scheme } from '../scheme.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

/** Order-revealing encryption by blocks (Lewi–Wu 2016): the store compares what it has with the ends of a range. */
export const opalineOre: Scheme = opalineScheme({
  name: 'opaline-ore',
  title: 'Opaline, order-revealing encryption',
  security:
    'values at rest, from the store, under a PRF; a query shows it of every row on which side of the end it lies, and in which block they first differ',
  family: 'tags',
  layout: (table) => layoutOf(table, ({ kind }) => (kind === 'integer' ? 'ore' : undefined)),
  workloads: ['range'],
});
