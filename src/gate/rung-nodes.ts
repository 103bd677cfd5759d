import { keyword, KEYWORD_KIND } from '../search/keyword.ts';
import type { RangeLimit } from '../search/sse/token.ts';
import type { RungQuery } from '../search/token-rung.ts';
import { answers } from '../table/search-answers.ts';
import type { FurtherIndex } from '../table/search-index.ts';
import { conditionId, type MatchCondition } from './match-conditions.ts';
import type { NodeList } from './node-list.ts';
import { PreviewLink } from './preview-link.ts';
import { lookupRows, openRungIndex, type RungIndex, rungNumber } from './rung-index.ts';
import type { SegmentSource } from './segment-source.ts';

/** Nodes of what a segment's further indexes find. */
export class RungNodes {
  private readonly source: SegmentSource;
  private readonly list: NodeList;

  constructor(source: SegmentSource, list: NodeList) {
    this.source = source;
    this.list = list;
  }

  /** The rows of one value: as a keyword, or as a range of one. */
  async equals(column: number, index: FurtherIndex, canonical: Uint8Array): Promise<number> {
    if (answers(index, 'range')) {
      const end = { value: canonical, inclusive: true };
      return await this.range(column, index, end, end);
    }
    const query = { kind: 'keyword', keyword: keyword(KEYWORD_KIND.value, canonical) } as const;
    return await this.byQuery(column, index, query, canonical.join());
  }

  async range(
    column: number,
    index: FurtherIndex,
    low: RangeLimit | undefined,
    high: RangeLimit | undefined,
  ): Promise<number> {
    const id = [low, high].map((end) => end && `${end.inclusive}${end.value.join()}`).join('/');
    const query = { kind: 'range', ...(low && { low }), ...(high && { high }) } as const;
    return await this.byQuery(column, index, query, id);
  }

  /** The rows of documents with a keyword, by its bytes. */
  async keyword(column: number, index: FurtherIndex, word: Uint8Array): Promise<number> {
    return await this.byQuery(column, index, { kind: 'keyword', keyword: word }, word.join());
  }

  /** The rows of a condition of one column's keywords. */
  async match(
    column: number,
    index: FurtherIndex,
    condition: MatchCondition['condition'],
  ): Promise<number> {
    if (condition.kind === 'keyword') return await this.keyword(column, index, condition.keyword);
    return await this.byQuery(column, index, { kind: 'match', condition }, conditionId(condition));
  }

  /** The rows that an index has for a query; `id` names the query. */
  private async byQuery(
    column: number,
    index: FurtherIndex,
    query: RungQuery,
    id: string,
  ): Promise<number> {
    const { table, segment, meta, uses } = this.source;
    uses.rung(column, index, query, id);
    return await this.list.remembered(`${column}/${index.index}/${query.kind}/${id}`, async () => {
      const number = rungNumber(meta, column, index);
      return await this.node(await openRungIndex(table, segment, column, index, number), query);
    });
  }

  private async node(opened: RungIndex, query: RungQuery): Promise<number> {
    const { table, segment, link, uses } = this.source;
    if (opened.rung.token !== undefined) {
      return this.list.lookup(opened.number, opened.rung.token(query));
    }
    uses.lookups++;
    if (link instanceof PreviewLink) return this.list.add({ kind: 'none' });
    return this.list.explicit(await lookupRows(opened, query, table, segment, link));
  }
}
