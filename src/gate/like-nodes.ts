import { utf8 } from '../bytes/codec.ts';
import { likeLists } from '../plan/like-lists.ts';
import { beginningOf, isPrefix, type LikePattern, matchesLike } from '../plan/like.ts';
import { decodeCanonical } from '../table/canonical.ts';
import { indexOf } from '../table/search-index.ts';
import { likeRows } from './like-rows.ts';
import { ListNodes } from './list-nodes.ts';
import { NodeList } from './node-list.ts';
import type { SegmentSource } from './segment-source.ts';

/**
 * The node of the rows of a pattern, in the first of these ways that is open: the list of the prefix that it is; the
 * range of the values that begin with it; the lists of the dictionary's values that match; the rows of
 * its prefix and of all its grams, tested here record by record.
 */
export async function likeNode(
  source: SegmentSource,
  list: NodeList,
  lists: ListNodes,
  column: number,
  pattern: LikePattern,
): Promise<number> {
  const { table, segment, meta, link, uses } = source;
  if (meta.columns[column]!.distinct === 0) return list.add({ kind: 'none' });
  const declared = likeLists(pattern, indexOf(table.schema.columns[column]!, 'sse') ?? {});
  const { prefix, grams, exact } = declared ?? { grams: [], exact: false };
  if (exact && prefix !== undefined) {
    lists.checkParts(column);
    return lists.parts(column, 'prefix', [prefix], false)[0]!;
  }
  if (isPrefix(pattern)) {
    const start = utf8(beginningOf(pattern)!);
    const low = { value: start, inclusive: true };
    return await lists.range(column, low, { value: afterPrefix(start), inclusive: false });
  }
  const { dictionary } = await table.column(segment, column);
  if (dictionary !== undefined) {
    const values = dictionary
      .map(({ value }) => value)
      .filter((value) => matchesLike(pattern, decodeCanonical(value, 'text') as string));
    return lists.anyValue(column, values);
  }
  lists.checkParts(column);
  uses.tested++;
  // Nodes of a fragment of its own: the query's has the rows that are left.
  const own = new NodeList(uses);
  const ownLists = new ListNodes(source, own);
  const args = [
    ...(prefix === undefined ? [] : ownLists.parts(column, 'prefix', [prefix], true)),
    ...ownLists.parts(column, 'gram', grams, true),
  ];
  const filter = own.add({ kind: 'and', args });
  const candidates = { entry: segment, nodes: own.nodes, filter };
  return list.explicit(await likeRows(table, link, candidates, column, pattern));
}

/** The least bytes above every text that begins with these: UTF-8 has no byte 0xff. */
function afterPrefix(start: Uint8Array): Uint8Array {
  const above = start.slice();
  above[above.length - 1]! += 1;
  return above;
}
