import { join } from 'node:path';
import { toHex } from '../../../../bytes/hex.ts';
import { randomBytes } from '../../../../bytes/random.ts';
import type { QueryResult, TableInfo, Vault } from '../../../../client/api.ts';
import { createFolder } from '../../../../client/local/vault-folder.ts';
import type { OpenFolder } from '../../../../client/local/vault-host.ts';
import { createStore, openStore, resolveStore } from '../../../../client/store-address.ts';
import { LocalVault } from '../../../../client/vault.ts';
import { OpalineError } from '../../../../errors/opaline-error.ts';
import { HiddenRows } from '../../../../gate/hidden-rows.ts';
import { IndexUses } from '../../../../gate/index-uses.ts';
import { OpenTable } from '../../../../gate/open-table.ts';
import { rungNumber } from '../../../../gate/rung-index.ts';
import type { SetPredicate } from '../../../../plan/set-predicate.ts';
import { keyword, KEYWORD_KIND } from '../../../../search/keyword.ts';
import { decodeTagState } from '../../../../search/tag/state.ts';
import { tagger } from '../../../../search/tag/token/tagger.ts';
import { MeteredLink } from '../../../../store/metered-link.ts';
import { canonicalBytes } from '../../../../table/canonical.ts';
import { parseSchema } from '../../../../table/schema-json.ts';
import type { Schema } from '../../../../table/schema.ts';
import { answering } from '../../../../table/search-answers.ts';
import { indexOf } from '../../../../table/search-index.ts';
import { type RecordedCall, RecordingLink } from '../../../recording-link.ts';
import { StoreView } from '../../../store-view.ts';
import type { FoundRows, SchemeContext } from '../../scheme.ts';
import type { SqlQuestion } from './opaline-sql.ts';

/** One evaluating thread, as everybody here has one. */
const THREADS = 1;

export type Cells = Readonly<Record<string, string | number>>;

/** A lookup in indexes alone. */
export interface Lookup {
  readonly rows: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly calls: readonly RecordedCall[];
}

/** A table in a vault of its own over a store in a folder, by the client's own code, whose calls are recorded. */
export class OpalineTable implements AsyncDisposable {
  readonly schema: Schema;
  readonly info: TableInfo;
  private readonly vault: Vault;
  private readonly link: RecordingLink;
  private readonly table: OpenTable;
  private view: StoreView | undefined;

  private constructor(vault: Vault, link: RecordingLink, table: OpenTable, info: TableInfo) {
    this.vault = vault;
    this.link = link;
    this.table = table;
    this.schema = table.schema;
    this.info = info;
  }

  static async create(
    schema: unknown,
    rows: Iterable<Cells>,
    { folder, signal }: SchemeContext,
  ): Promise<OpalineTable> {
    const store = resolveStore(join(folder, 'store'));
    await createStore(store, '');
    const opened = await createFolder(join(folder, 'vault'), store, toHex(randomBytes(16)));
    const link = new RecordingLink(await openStore(store, '', THREADS));
    const vault = new LocalVault(opened, link, THREADS);
    try {
      await vault.ingest(parseSchema(schema), rows, { signal });
      const [info] = await vault.tables();
      const table = await openTable(link, opened);
      return new OpalineTable(vault, link, table, info!);
    } catch (error) {
      await vault.close();
      throw error;
    }
  }

  /** What the store would learn by a query, before it is sent. */
  async explain({ sql, parameters }: SqlQuestion): Promise<QueryResult['leakage']> {
    return (await this.vault.explain(sql, parameters)).leakage;
  }

  async query({
    sql,
    parameters,
  }: SqlQuestion): Promise<QueryResult & { readonly calls: readonly RecordedCall[] }> {
    this.link.take();
    const result = await this.vault.query(sql, parameters);
    return { ...result, calls: this.link.take() };
  }

  /** Asks, and finds with the store's own files and code which rows the query makes it find; undefined: it finds none. */
  async rowsFound(question: SqlQuestion): Promise<FoundRows | undefined> {
    const { calls } = await this.query(question);
    this.view ??= await StoreView.of(this.link, this.table.id);
    const { rows } = await this.view.see(calls);
    return rows && { rows, of: this.view.rows };
  }

  /**
   * How many rows a condition has that hiding indexes answer, and nothing after it: a query goes on to count the rows at
   * the store, which shows it which they are.
   */
  async lookup(where: SetPredicate): Promise<Lookup> {
    const { table } = this;
    const link = new MeteredLink(this.link);
    this.link.take();
    let rows = 0;
    for (const segment of table.manifest.segments) {
      const found = new HiddenRows({
        table,
        link,
        segment,
        meta: await table.meta(segment),
        uses: new IndexUses(),
        indexFor: (column, answer) => answering(table.schema.columns[column]!, answer)!,
      });
      rows += (await found.rows(where)).length;
    }
    const { bytesUp, bytesDown } = link.traffic;
    return { rows, bytesUp, bytesDown, calls: this.link.take() };
  }

  /** The tags of a text column's values in each segment, which are the same at rest and in a query. */
  async tagsOf(name: string, values: readonly string[]): Promise<readonly Uint32Array[]> {
    const { table } = this;
    const at = table.columnIndex(name);
    const index = indexOf(table.schema.columns[at]!, 'tag');
    if (index === undefined) throw new OpalineError('INTERNAL', { reason: 'no tags' });
    const keywords = values.map((value) =>
      keyword(KEYWORD_KIND.value, canonicalBytes(value, 'text')),
    );
    const tags: Uint32Array[] = [];
    for (const segment of table.manifest.segments) {
      const number = rungNumber(await table.meta(segment), at, index);
      const { bits } = decodeTagState(await table.rungState(segment, number));
      const of = tagger(table.segmentKeys(segment.id).rung(at, 'tag'), bits);
      tags.push(Uint32Array.from(keywords, (one) => of.of(one).tag));
      of.destroy();
    }
    return tags;
  }

  /** Rows of each segment, in the order in which they were brought in. */
  get segmentRows(): readonly number[] {
    return this.table.manifest.segments.map(({ rows }) => rows);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vault.close();
  }
}

async function openTable(link: RecordingLink, folder: OpenFolder): Promise<OpenTable> {
  const { secrets, wraps, pins } = folder;
  const [id] = await link.tables();
  const tableSecrets = {
    publicKey: secrets.publicKey,
    manifestKey: (table: string) => secrets.manifestKey(table),
    wrappingKey: (table: string, wrap: string) => wraps.find(table, wrap),
  };
  const table = await OpenTable.load(link, tableSecrets, id!, pins.get(id!), undefined);
  if (table === undefined) throw new OpalineError('INTERNAL', { reason: 'the table is not there' });
  return table;
}
