import { expectedRuns } from '../packed-rows.ts';
import { segmentLists, type ColumnLists } from '../column-lists.ts';
import type { RungEstimate } from '../rung.ts';
import { runRoom } from './cell.ts';
import { chooseShape, PAYLOADS, replyBytes } from './shape.ts';
import { cellBytes, levelOf, partBytes, queryBytes, type PaddedShape } from './format.ts';

/**
 * What an index would cost, before it is built, if lists are spread evenly over the segments. Up and down are of a
 * lookup of one keyword; with powers, of one drawn as often as it has rows.
 */
export function estimatePadded(
  column: ColumnLists,
  { base = 0 }: { readonly base?: number } = {},
): RungEstimate {
  const { segments } = column;
  const { rows: segmentRows, lists: counts } = segmentLists(column);
  const sizes = PAYLOADS.map((payload) => {
    let [total, longest] = [0, 1];
    for (const count of counts) {
      const cells = expectedRuns(count, segmentRows, runRoom(payload));
      total += cells;
      longest = Math.max(longest, cells);
    }
    return { payload, total: Math.max(1, total), longest };
  });
  const shape = chooseShape(segmentRows, base, sizes)!;
  const levels = counts.map((count) =>
    levelOf(
      shape,
      Math.min(shape.longest, expectedRuns(count, segmentRows, runRoom(shape.payload))),
    ),
  );
  const [first, further] = replies(shape, counts, levels);
  return {
    bytes: segments * partBytes(shape),
    bytesUp: Math.ceil(segments * queryBytes(shape) * (1 + further.share)),
    bytesDown: Math.ceil(segments * (first + further.bytes)),
    rounds: further.share > 0 ? 2 : 1,
    recovery: null,
  };
}

/** Bytes of the first reply, and of a second on average; how often there is one. */
function replies(
  shape: PaddedShape,
  counts: readonly number[],
  levels: readonly number[],
): [number, { share: number; bytes: number }] {
  if (shape.base === 0) return [replyBytes(shape), { share: 0, bytes: 0 }];
  const size = 2 * cellBytes(shape);
  let [all, asked, bytes] = [0, 0, 0];
  counts.forEach((count, i) => {
    all += count;
    if (levels[i] === 0) return;
    asked += count;
    bytes += count * size * (Math.min(shape.longest, shape.base ** levels[i]!) - 1);
  });
  return [size, { share: asked / Math.max(1, all), bytes: bytes / Math.max(1, all) }];
}
