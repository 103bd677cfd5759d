import { expect, it } from 'vitest';
import { SEGMENT_ROWS as packed } from '../../../src/params/packing.ts';
import { MAX_ROWS as indexed } from '../../../src/search/sse/format.ts';
import { SEGMENT_ROWS as stored } from '../../../src/table/manifest.ts';

// Three folders that may not import each other state the size of a segment; they must agree.
it('packing, index and manifest agree on the rows of a segment', () => {
  expect([packed, indexed]).toEqual([stored, stored]);
});
