import { deriveKey } from '../bytes/hash.ts';

/** Keys of one segment. All follow from its root, so that forgetting the root forgets them. */
export interface SegmentKeys {
  /** Seals metadata sections. */
  readonly metadata: Uint8Array;
  /** Of the segment's index. */
  readonly search: Uint8Array;
  /** Seals records. */
  readonly records: Uint8Array;
  /** Of a further index, of one column and rung. */
  rung(column: number, index: string): Uint8Array;
}

/** The keys under a segment's random 32-byte root. */
export function segmentKeys(root: Uint8Array): SegmentKeys {
  const key = (use: string): Uint8Array => deriveKey(root, `opaline/1/segment/${use}`);
  return {
    metadata: key('metadata'),
    search: key('search'),
    records: key('records'),
    rung: (column, index) => key(`rung/${index}/${column}`),
  };
}
