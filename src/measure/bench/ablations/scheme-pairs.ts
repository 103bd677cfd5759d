import type { SchemePair } from './pairs.ts';

/** Schemes that differ in one measure for privacy, or in one optimisation. */
export const SCHEME_PAIRS: readonly SchemePair[] = [
  {
    what: 'lists of encrypted rows instead of tags on the rows (sse, not tag)',
    kind: 'privacy',
    with: 'opaline',
    without: 'opaline-tag',
    workloads: ['exact-lookup', 'conjunction', 'private-lookup'],
  },
  {
    what: 'rank lists instead of order-revealing encryption (sse, not ore)',
    kind: 'privacy',
    with: 'opaline',
    without: 'opaline-ore',
    workloads: ['range'],
  },
  {
    what: 'replies padded to the longest (sse-padded, not sse)',
    kind: 'privacy',
    with: 'opaline-sse-padded',
    without: 'opaline',
    workloads: ['exact-lookup', 'keyword', 'conjunction'],
  },
  {
    what: 'queries whose frequencies are smoothed (smooth, not sse)',
    kind: 'privacy',
    with: 'opaline-smooth',
    without: 'opaline',
    workloads: ['exact-lookup', 'private-lookup'],
  },
  {
    what: 'private retrieval by LWE instead of lists (pir, not sse)',
    kind: 'privacy',
    with: 'opaline-pir-lwe',
    without: 'opaline',
    workloads: ['exact-lookup', 'private-lookup'],
  },
  {
    what: 'additions that show nothing of earlier rows (mitra, not sse)',
    kind: 'privacy',
    with: 'opaline-mitra',
    without: 'opaline',
    workloads: ['exact-lookup', 'keyword'],
  },
  {
    what: 'conjunctions in one index (iex, not sse)',
    kind: 'privacy',
    with: 'opaline-iex',
    without: 'opaline',
    workloads: ['conjunction', 'keyword'],
  },
  {
    what: 'groups that the store cannot tell (oblivious, not masks)',
    kind: 'privacy',
    with: 'opaline-oblivious',
    without: 'opaline',
    workloads: ['group-by', 'filtered-average'],
  },
  {
    what: 'rows of a group laid out together (clustered, not at random)',
    kind: 'speed',
    with: 'opaline-clustered',
    without: 'opaline',
    workloads: ['group-by', 'filtered-average'],
  },
  {
    what: 'products of pairs stored at ingest, not multiplied by the store',
    kind: 'speed',
    with: 'opaline',
    without: 'opaline-product',
    workloads: ['correlation'],
  },
];
