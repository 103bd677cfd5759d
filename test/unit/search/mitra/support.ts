import { randomBytes } from '../../../../src/bytes/random.ts';
import type { Postings } from '../../../../src/search/postings.ts';
import {
  buildMitra,
  type KeywordChange,
  rewriteMitra,
  updateMitra,
} from '../../../../src/search/mitra/build.ts';
import { mitraIndex } from '../../../../src/search/mitra/eval.ts';
import { lookupMitra } from '../../../../src/search/mitra/token.ts';

type Reply = Uint8Array | undefined;

/** What a store sees of an index: its parts, and for each lookup the queries and replies by part. */
export interface StoreView {
  readonly parts: Uint8Array[];
  readonly lookups: { readonly queries: readonly Reply[]; readonly replies: readonly Reply[] }[];
}

/** A vault and a store with one index. */
export class MitraTable {
  readonly view: StoreView = { parts: [], lookups: [] };
  readonly key: Uint8Array = randomBytes(32);
  state: Uint8Array;

  constructor(postings: Postings) {
    const built = buildMitra(this.key, postings);
    this.state = built.state;
    this.view.parts.push(built.part);
  }

  update(changes: readonly KeywordChange[]): void {
    const { part, state } = updateMitra(this.key, this.state, changes);
    this.view.parts.push(part);
    this.state = state;
  }

  rewrite(keyword: Uint8Array, rows: Uint32Array): void {
    const { part, state } = rewriteMitra(this.key, this.state, [{ keyword, rows }]);
    this.view.parts.push(part);
    this.state = state;
  }

  search(...keywords: Uint8Array[]): Uint32Array[] {
    const { queries, open } = lookupMitra(this.key, this.state, keywords);
    const replies = queries.map(
      (query, i) => query && mitraIndex(this.view.parts[i]!).answer(query),
    );
    this.view.lookups.push({ queries, replies });
    return open(replies);
  }
}
