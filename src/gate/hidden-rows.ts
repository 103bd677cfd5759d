import { utf8 } from '../bytes/codec.ts';
import { shuffled } from '../bytes/permutation.ts';
import type { SetPredicate } from '../plan/set-predicate.ts';
import { keyword, KEYWORD_KIND } from '../search/keyword.ts';
import { canonicalBytes } from '../table/canonical.ts';
import { RowSet } from '../table/row-set.ts';
import { type Answer, hides } from '../table/search-answers.ts';
import type { FurtherIndex, SearchIndex } from '../table/search-index.ts';
import { PreviewLink } from './preview-link.ts';
import { lookupKeywords, openRungIndex, rungNumber } from './rung-index.ts';
import type { SegmentSource } from './segment-source.ts';

/** What rows are looked for in. */
export interface HiddenSource extends SegmentSource {
  /** The index by which a column is asked. */
  readonly indexFor: (column: number, answer: Answer) => SearchIndex;
}

/** A keyword of a column, by an index of it. */
interface Wanted {
  readonly column: number;
  readonly index: FurtherIndex;
  readonly keyword: Uint8Array;
  /** Its content, which names it among those of the column. */
  readonly id: string;
}

/**
 * Rows that the vault finds by indexes which hide their answers. A condition made of such lookups alone is put together
 * here, so that the store is told its rows and not those of its terms; and every index is asked once for all
 * its keywords.
 */
export class HiddenRows {
  private readonly source: HiddenSource;

  constructor(source: HiddenSource) {
    this.source = source;
  }

  /** True for a condition that hiding indexes answer, and whose rows are no complement, which would be long. */
  finds(p: SetPredicate): boolean {
    switch (p.kind) {
      case 'atom':
        return this.wanted(p) !== undefined;
      case 'or':
        return p.args.length > 0 && p.args.every((arg) => this.finds(arg));
      case 'and':
        // What is taken away from rows that were found makes them fewer.
        return (
          p.args.some((arg) => this.finds(arg)) &&
          p.args.every((arg) => this.finds(arg) || this.excludes(arg))
        );
      default:
        return false;
    }
  }

  /** The terms of a conjunction or disjunction, those put together of which the rows are found here. */
  gathered({ kind, args }: Extract<SetPredicate, { kind: 'and' | 'or' }>): SetPredicate[] {
    const found = args.filter((arg) => this.finds(arg));
    const excluded = args.filter((arg) => this.excludes(arg));
    const gathered = new Set([...found, ...excluded]);
    const others = args.filter((arg) => !gathered.has(arg));
    if (kind === 'and' && found.length > 0) {
      return [{ kind, args: [...found, ...excluded] }, ...others];
    }
    if (found.length > 0) others.push({ kind, args: found });
    if (excluded.length > 0) {
      // ¬a ∧ ¬b = ¬(a ∨ b), and the other way round.
      const inside = excluded.map((arg) => (arg as Extract<SetPredicate, { kind: 'not' }>).arg);
      others.push({ kind: 'not', arg: { kind: kind === 'and' ? 'or' : 'and', args: inside } });
    }
    return others;
  }

  private excludes(p: SetPredicate): boolean {
    return p.kind === 'not' && this.finds(p.arg);
  }

  /** The rows of a condition that `finds` is true of; none where a plan is only looked at. */
  async rows(p: SetPredicate): Promise<Uint32Array> {
    const wanted = [...this.all(p)];
    const found = new Map<string, RowSet>();
    const groups = Map.groupBy(wanted, ({ column, index }) => `${column}/${index.index}`);
    const asked = Array.from(groups.values(), async (group) => {
      const distinct = new Map(group.map((one) => [idOf(one), one]));
      for (const [id, rows] of await this.ask(shuffled([...distinct.values()])))
        found.set(id, rows);
    });
    await Promise.all(asked);
    return this.combine(p, found).toArray();
  }

  /** One lookup of several keywords of one column. */
  private async ask(wanted: readonly Wanted[]): Promise<(readonly [string, RowSet])[]> {
    const { table, link, segment, meta, uses } = this.source;
    const [{ column, index }] = wanted as [Wanted];
    const keywords = wanted.map((one) => one.keyword);
    keywords.forEach((one, i) => {
      uses.rung(column, index, { kind: 'keyword', keyword: one }, wanted[i]!.id);
    });
    uses.lookups += wanted.length;
    uses.hidden += wanted.length;
    if (link instanceof PreviewLink) {
      return wanted.map((one) => [idOf(one), new RowSet(segment.rows)] as const);
    }
    const number = rungNumber(meta, column, index);
    const opened = await openRungIndex(table, segment, column, index, number);
    const lists = await lookupKeywords(opened, keywords, table, segment, link);
    return wanted.map((one, i) => [idOf(one), RowSet.of(segment.rows, lists[i]!)] as const);
  }

  private combine(p: SetPredicate, found: ReadonlyMap<string, RowSet>): RowSet {
    switch (p.kind) {
      case 'all':
        return RowSet.full(this.source.segment.rows);
      case 'none':
        return new RowSet(this.source.segment.rows);
      case 'atom':
        return found.get(idOf(this.wanted(p)!))!;
      case 'not':
        return this.combine(p.arg, found).not();
      case 'and':
      case 'or': {
        const sets = p.args.map((arg) => this.combine(arg, found));
        return sets.reduce((all, set) => (p.kind === 'and' ? all.and(set) : all.or(set)));
      }
      default:
        return p satisfies never;
    }
  }

  private *all(p: SetPredicate): Generator<Wanted> {
    if (p.kind === 'atom') yield this.wanted(p)!;
    else if (p.kind === 'not') yield* this.all(p.arg);
    else if (p.kind === 'and' || p.kind === 'or') for (const arg of p.args) yield* this.all(arg);
  }

  /** What an atom looks up, if a hiding index answers it. */
  private wanted({ atom }: Extract<SetPredicate, { kind: 'atom' }>): Wanted | undefined {
    if (atom.kind !== 'equals' && atom.kind !== 'keyword') return undefined;
    const { table, indexFor } = this.source;
    const column = table.columnIndex(atom.column);
    const index = indexFor(column, atom.kind === 'equals' ? 'equals' : 'match');
    if (index.index === 'sse' || index.index === 'oblivious' || !hides(index)) return undefined;
    if (atom.kind === 'keyword') {
      const content = utf8(atom.keyword);
      return { column, index, keyword: keyword(KEYWORD_KIND.token, content), id: content.join() };
    }
    const content = canonicalBytes(atom.value, table.schema.columns[column]!.type);
    return { column, index, keyword: keyword(KEYWORD_KIND.value, content), id: content.join() };
  }
}

const idOf = ({ column, id }: Wanted): string => `${column}/${id}`;
