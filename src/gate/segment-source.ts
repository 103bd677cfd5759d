import type { StoreLink } from '../store/link.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { SegmentMeta } from '../table/segment-meta.ts';
import type { IndexUses } from './index-uses.ts';
import type { OpenTable } from './open-table.ts';

/** One segment that a query looks for rows in, over a link. */
export interface SegmentSource {
  readonly table: OpenTable;
  readonly link: StoreLink;
  readonly segment: SegmentEntry;
  readonly meta: SegmentMeta;
  /** Where what is asked of the segment's indexes is noted. */
  readonly uses: IndexUses;
}
