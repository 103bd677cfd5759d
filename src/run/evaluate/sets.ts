import type { SegmentFragment } from '../../plan/fragment.ts';
import { type ParsedIndex, lookupPosting } from '../../search/sse/eval.ts';
import type { StoreIndex } from '../../search/rung.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { RowSet } from '../../table/row-set.ts';

/** The indexes of a segment that its share of a fragment asks: further ones by their number. */
export interface SegmentIndexes {
  readonly index: ParsedIndex;
  readonly rungs: ReadonlyMap<number, StoreIndex>;
}

/** Evaluates the row-set nodes of one segment. Combinations are remembered, lookups are not. */
export class SetEvaluator {
  private readonly memo = new Map<number, RowSet>();
  private readonly fragment: SegmentFragment;
  private readonly lists: (token: Uint8Array) => RowSet;
  private readonly rows: number;
  private readonly deleted: RowSet | undefined;
  private readonly rungs: ReadonlyMap<number, StoreIndex>;

  /** @param lists what a token stands for; default: what the index has */
  constructor(
    fragment: SegmentFragment,
    { index, rungs }: SegmentIndexes,
    rows: number,
    deleted?: RowSet,
    lists: (token: Uint8Array) => RowSet = (token) => lookupPosting(index, token),
  ) {
    this.fragment = fragment;
    this.lists = lists;
    this.rungs = rungs;
    this.rows = rows;
    this.deleted = deleted;
  }

  /** The rows of the fragment's filter that are not deleted: every other set is cut down to it. */
  filter(): RowSet {
    const rows = this.evaluate(this.fragment.filter);
    return this.deleted === undefined ? rows : rows.and(this.deleted.not());
  }

  /** The rows of node `i`. Arguments are earlier nodes, so a loop over them ends. */
  evaluate(i: number): RowSet {
    const node = this.fragment.nodes[i];
    switch (node?.kind) {
      case 'all':
        return RowSet.full(this.rows);
      case 'none':
        return new RowSet(this.rows);
      case 'posting':
        return this.lists(node.token);
      case 'lookup':
        return this.remember(i, () => this.rung(node.rung).find(node.token));
      case 'rows': {
        if (node.rows.some((row) => row >= this.rows)) {
          throw new OpalineError('BYTES_INVALID', {
            what: 'a query fragment',
            reason: 'a row is not in its segment',
          });
        }
        return RowSet.of(this.rows, node.rows);
      }
      case 'not':
        return this.remember(i, () => this.evaluate(node.arg).not());
      case 'and':
        return this.remember(i, () =>
          node.args.reduce((set, arg) => set.and(this.evaluate(arg)), RowSet.full(this.rows)),
        );
      case 'or':
        return this.remember(i, () =>
          node.args.reduce((set, arg) => set.or(this.evaluate(arg)), new RowSet(this.rows)),
        );
      default:
        throw new OpalineError('BYTES_INVALID', {
          what: 'a query fragment',
          reason: 'a node is missing',
        });
    }
  }

  private rung(number: number): Required<Pick<StoreIndex, 'find'>> {
    const index = this.rungs.get(number);
    if (index?.find === undefined) {
      throw new OpalineError('BYTES_INVALID', {
        what: 'a query fragment',
        reason: 'it asks an index for rows that gives none',
      });
    }
    return { find: (token) => index.find!(token) };
  }

  private remember(i: number, make: () => RowSet): RowSet {
    const known = this.memo.get(i);
    if (known !== undefined) return known;
    const made = make();
    this.memo.set(i, made);
    return made;
  }
}
