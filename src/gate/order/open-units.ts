import { shuffled } from '../../bytes/permutation.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { decodeMembersReply, encodeFragment } from '../../plan/fragment-codec.ts';
import { keyText } from '../../plan/interpret.ts';
import { type EdgeBlock, edgeLabel } from '../../search/sse/token.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { openBlock } from '../edge-block.ts';
import { GROUP_LIMIT } from '../group-values.ts';
import type { NodeCompiler } from '../row-nodes.ts';
import type { Sources } from '../sources.ts';
import { canonicalKey, compareKeys, type Key } from './key.ts';
import type { OrderColumn, Spread } from './order-column.ts';
import type { Unit } from './units.ts';

/** Units of a column, and the groups that need to see into each. */
export type Wants = Map<OrderColumn, Map<number, Set<string>>>;

/** Units of one column and segment that are opened together. */
interface Opening {
  readonly column: OrderColumn;
  readonly segment: number;
  readonly units: readonly number[];
}

/**
 * Open units, in one round: their sealed blocks are fetched, and at the same time the store is asked
 * which group each of their rows is in. Neither needs the other.
 * With `everyRow`, all rows are in the one group, and only the blocks are fetched.
 * @throws PART_CORRUPT, BYTES_INVALID, GROUP_LIMIT
 */
export async function openUnits(
  wants: Wants,
  sources: Sources,
  everyRow: boolean,
  link: StoreLink,
  options: CallOptions,
): Promise<void> {
  const openings = openingsOf(wants);
  const [blocks, members] = await Promise.all([
    Promise.all(openings.map((opening) => fetchBlocks(opening, sources, link, options))),
    everyRow ? undefined : askMembers(openings, sources, link, options),
  ]);
  openings.forEach((opening, i) => {
    const { column, units } = opening;
    const groupOf =
      members === undefined ? (): string => '' : groupsOf(blocks[i]!.values(), members[i]!);
    for (const unit of units) {
      const wanting = wants.get(column)!.get(unit)!;
      const spreads = spreadsOf(opening, blocks[i]!.get(unit)!, wanting, groupOf);
      for (const group of wanting) {
        const rows = (spreads.get(group)?.counts ?? []).reduce((sum, count) => sum + count, 0);
        if (rows !== column.count(group, unit)) corrupt(opening, sources.table);
      }
      column.open(unit, spreads);
    }
  });
}

/** The units of an opening come in a random order: theirs would tell which values are next to which. */
function openingsOf(wants: Wants): Opening[] {
  return [...wants].flatMap(([column, units]) => {
    const bySegment = Map.groupBy(units.keys(), (unit) => column.units[unit]!.segment);
    return [...bySegment].map(([segment, own]) => ({ column, segment, units: shuffled(own) }));
  });
}

function runOf({ column }: Opening, unit: number): Extract<Unit['source'], { kind: 'blocks' }> {
  const { source } = column.units[unit]!;
  if (source.kind === 'blocks') return source;
  throw new OpalineError('INTERNAL', { reason: 'a single value needs no opening' });
}

/** Per unit its blocks, opened, ascending by value. */
async function fetchBlocks(
  opening: Opening,
  { table, uses }: Sources,
  link: StoreLink,
  options: CallOptions,
): Promise<Map<number, EdgeBlock[]>> {
  const { id, index: part, rows } = table.manifest.segments[opening.segment]!;
  const key = table.segmentKeys(id).search;
  const { index } = opening.column;
  const wanted = shuffled(
    opening.units.flatMap((unit) => {
      const { from, to } = runOf(opening, unit);
      return Array.from({ length: to - from }, (_, i) => ({ unit, block: from + i, from }));
    }),
  );
  uses.opened(index, wanted.length);
  const labels = wanted.map(({ block }) => edgeLabel(key, index, block));
  const sealed = await link.search({ table: table.id, index: part.id, labels }, options);
  const opened = new Map<number, EdgeBlock[]>(opening.units.map((unit) => [unit, []]));
  wanted.forEach(({ unit, block, from }, i) => {
    const found = openBlock(key, index, block, sealed[i], part.id);
    if (found.rows.some((row) => row >= rows)) corrupt(opening, table);
    opened.get(unit)![block - from] = found;
  });
  return opened;
}

/** Per opening the group of each row of its blocks, ascending by row; undefined: of none. */
async function askMembers(
  openings: readonly Opening[],
  sources: Sources,
  link: StoreLink,
  options: CallOptions,
): Promise<(string | undefined)[][]> {
  const bySegment = Map.groupBy(openings, ({ segment }) => segment);
  const work = { kind: 'members', maxGroups: GROUP_LIMIT } as const;
  const fragment = sources.fragment(work, (position, compiler) => {
    const own = bySegment.get(position);
    return own && { members: own.map((opening) => membersNode(opening, compiler)) };
  });
  const reply = decodeMembersReply(await link.aggregate(encodeFragment(fragment), options));
  const replies = new Map(reply.segments.map((one) => [one.segment, one]));
  if (reply.segments.length !== bySegment.size) misfit();
  return openings.map((opening) => {
    const own = bySegment.get(opening.segment)!;
    const found = replies.get(sources.table.manifest.segments[opening.segment]!.id) ?? misfit();
    if (found.groups.length !== own.length) misfit();
    const names = found.keys.map((key) => {
      return sources.isKey(key) ? keyText(sources.keyOf(key)) : misfit();
    });
    if (new Set(names).size !== names.length) misfit();
    return Array.from(found.groups[own.indexOf(opening)]!, (group) => names[group - 1]);
  });
}

function membersNode(opening: Opening, compiler: NodeCompiler): number {
  const runs = opening.units.map((unit) => runOf(opening, unit));
  return compiler.any(compiler.runs(opening.column.index, runs));
}

/** The group of a row by its number. */
function groupsOf(
  blocks: Iterable<readonly EdgeBlock[]>,
  groups: readonly (string | undefined)[],
): (row: number) => string | undefined {
  const rows = Uint32Array.from([...blocks].flat().flatMap((block) => [...block.rows])).sort();
  if (rows.length !== groups.length) return misfit();
  const known = new Map<number, string | undefined>();
  rows.forEach((row, i) => known.set(row, groups[i]));
  return (row) => known.get(row);
}

/** The values of a unit by group, for the groups that want them. */
function spreadsOf(
  { column }: Opening,
  blocks: readonly EdgeBlock[],
  wanting: ReadonlySet<string>,
  groupOf: (row: number) => string | undefined,
): Map<string, Spread> {
  const spreads = new Map<string, Spread>();
  for (const { values, starts, rows } of blocks) {
    for (const [i, canonical] of values.entries()) {
      const key = canonicalKey(canonical, column.column.type);
      for (let r = starts[i]!; r < starts[i + 1]!; r++) {
        const group = groupOf(rows[r]!);
        if (group !== undefined && wanting.has(group)) addTo(spreads, group, key);
      }
    }
  }
  return spreads;
}

function addTo(spreads: Map<string, Spread>, group: string, key: Key): void {
  const spread = spreads.get(group);
  if (spread === undefined) {
    spreads.set(group, { keys: [key], counts: [1] });
  } else if (compareKeys(spread.keys.at(-1)!, key) === 0) {
    spread.counts[spread.counts.length - 1]! += 1;
  } else {
    spread.keys.push(key);
    spread.counts.push(1);
  }
}

function misfit(): never {
  throw new OpalineError('BYTES_INVALID', {
    what: 'a members reply',
    reason: 'it does not fit the query',
  });
}

function corrupt({ segment }: Opening, { manifest }: Sources['table']): never {
  throw new OpalineError('PART_CORRUPT', {
    part: manifest.segments[segment]!.index.id,
    reason: 'its blocks and its lists do not fit together',
  });
}
