import type { Pads } from '../../keys/check-key.ts';
import { ResidueSum } from '../../params/check-field.ts';
import type { SegmentFragment } from '../../plan/fragment.ts';
import type { Selection } from '../../run/evaluate/selection.ts';
import { SetEvaluator } from '../../run/evaluate/sets.ts';
import { parseRung } from '../../search/eval-rung.ts';
import type { StoreIndex } from '../../search/rung.ts';
import { allocateIndex } from '../../search/sse/format.ts';
import type { StoreLink } from '../../store/link.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type CheckColumns, checkBeside } from '../../table/check-columns.ts';
import type { PartEntry, SegmentEntry } from '../../table/manifest.ts';
import type { RowSet } from '../../table/row-set.ts';
import { fetchPart } from '../fetch-part.ts';
import type { OpenTable } from '../open-table.ts';
import { AuthenticLists } from './authentic-lists.ts';

/** A segment in the hands of a verifying gate: its row sets are made here, of what is authentic. */
export class VerifiedSegment {
  readonly entry: SegmentEntry;
  readonly checks: CheckColumns;
  private readonly table: OpenTable;
  private readonly link: StoreLink;
  private readonly lists: AuthenticLists;
  /** By id of the part. */
  private readonly rungs = new Map<string, Promise<StoreIndex>>();

  private constructor(
    table: OpenTable,
    link: StoreLink,
    entry: SegmentEntry,
    checks: CheckColumns,
  ) {
    this.table = table;
    this.link = link;
    this.entry = entry;
    this.checks = checks;
    this.lists = new AuthenticLists(table, link, entry, checks.buckets);
  }

  /** @throws CAPABILITY_MISSING for a segment that nothing can be verified of */
  static async open(
    table: OpenTable,
    link: StoreLink,
    entry: SegmentEntry,
  ): Promise<VerifiedSegment> {
    const { checks } = await table.meta(entry);
    if (checks !== undefined) return new VerifiedSegment(table, link, entry, checks);
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'a verified answer',
      column: `table "${table.schema.table}"`,
      needs: 'check columns in every segment: run opaline verify',
    });
  }

  /** What evaluates the nodes of the segment's share of a fragment. */
  async evaluator(share: SegmentFragment): Promise<SetEvaluator> {
    const { entry, table } = this;
    await this.lists.load(
      share.nodes.flatMap((node) => (node.kind === 'posting' ? [node.token] : [])),
    );
    const numbers = share.nodes.flatMap((node) => (node.kind === 'lookup' ? [node.rung] : []));
    const rungs = new Map<number, StoreIndex>();
    for (const number of new Set(numbers)) {
      rungs.set(number, await this.rung(entry.rungs[number]!.parts[0]!));
    }
    // Lists come from `lists`: the index itself stays at the store.
    const none = allocateIndex({ rows: entry.rows, small: 0, large: 0, sealed: [] }).index;
    const deleted = await table.deletedRows(entry);
    return new SetEvaluator(share, { index: none, rungs }, entry.rows, deleted, (token) =>
      this.lists.rows(token),
    );
  }

  /** A part of one of the segment's further indexes, whole, as the signed digest covers it. */
  rung(part: PartEntry): Promise<StoreIndex> {
    const known = this.rungs.get(part.id);
    if (known !== undefined) return known;
    const made = fetchPart(this.link, this.table.id, part).then((bytes) =>
      parseRung(bytes, { what: `part ${part.id}` }),
    );
    this.rungs.set(part.id, made);
    return made;
  }

  /** Σ of a column's pads over each group's rows among those that may count. */
  padSums(
    { groups, rows }: Selection,
    eligible: RowSet,
    column: number,
    pads: Pads,
  ): readonly bigint[] {
    const { groupOf, keys } = groups;
    if (groupOf === undefined) {
      if (keys.length === 0) return [];
      const { count } = eligible;
      if (2 * count <= rows) return [pads.sum(eligible.toArray())];
      // As many rows are missing, or fewer: the whole segment's sum is in the sealed metadata.
      const total = this.checks.totals[checkBeside(this.checks, column)!.place]!;
      return [BigInt(total) - pads.sum(eligible.not().toArray())];
    }
    const sums = keys.map(() => new ResidueSum());
    pads.each(eligible.toArray(), (row, pad) => {
      const group = groupOf[row]!;
      if (group !== -1) sums[group]!.add(pad);
    });
    return sums.map((sum) => BigInt(sum.value));
  }
}
