import { Registry } from './registry.ts';
import { SCHEMES } from './schemes/all.ts';
import { micro } from './suites/micro.ts';
import { queries } from './suites/queries.ts';
import { search } from './suites/search.ts';
import { tradeoff } from './suites/tradeoff.ts';

/** The schemes and suites of `opaline bench`; more may be added. */
export function standardRegistry(): Registry {
  const registry = new Registry();
  for (const scheme of SCHEMES) registry.addScheme(scheme);
  for (const suite of [tradeoff, queries, search, micro]) registry.addSuite(suite);
  return registry;
}
