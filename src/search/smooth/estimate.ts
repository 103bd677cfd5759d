import { segmentLists, type ColumnLists } from '../column-lists.ts';
import { expectedRuns, RUN_BITS } from '../packed-rows.ts';
import type { RungEstimate } from '../rung.ts';
import { LABEL_BYTES } from '../sse/region.ts';
import { partBytes, TAG_BYTES } from './format.ts';
import { BATCH, batchesFor } from './queries.ts';
import { choosePayload, payloadsUpTo, runRoom } from './shape.ts';

/**
 * What an index would cost, before it is built, if lists are spread evenly over the segments. Up and down are of a
 * lookup of one keyword, drawn as often as it has rows.
 */
export function estimateSmooth(column: ColumnLists): RungEstimate {
  const { segments } = column;
  const { rows, lists } = segmentLists(column);
  const longest = lists.reduce((most, count) => Math.max(most, wholeBits(count, rows)), RUN_BITS);
  const payloads = payloadsUpTo(longest);
  const totals = payloads.map((payload) =>
    lists.reduce((sum, count) => sum + expectedRuns(count, rows, runRoom(payload)), 0),
  );
  const payload = choosePayload(payloads, totals);
  const room = runRoom(payload);
  let [all, slots, values] = [0, 0, 0];
  for (const count of lists) {
    const length = expectedRuns(count, rows, room);
    values += length;
    all += count;
    slots += count * BATCH * batchesFor(2 ** Math.ceil(Math.log2(length)));
  }
  const perLookup = all === 0 ? BATCH * batchesFor(1) : Math.round(slots / all);
  return {
    bytes: segments * partBytes(2 * Math.max(1, values), payload),
    bytesUp: segments * perLookup * LABEL_BYTES,
    bytesDown: segments * perLookup * (payload + TAG_BYTES),
    rounds: 1,
    recovery: null,
  };
}

/** The least room in which a list is expected to be one run. */
function wholeBits(count: number, rows: number): number {
  let low = RUN_BITS;
  let high = RUN_BITS + 3 * rows + 64;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (expectedRuns(count, rows, middle) === 1) high = middle;
    else low = middle + 1;
  }
  return low;
}
