import type { ColumnRef, Node, RangeVar } from 'libpg-query';
import { OpalineError } from '../../errors/index.ts';
import type { Column, Schema } from '../../table/schema.ts';
import { unsupported } from './refuse.ts';

/** The tables that a query may name. */
export interface Catalog {
  readonly schemas: ReadonlyMap<string, Schema>;
}

/** The one table of a query, and the name by which its columns may be qualified. */
export class Scope {
  readonly schema: Schema;
  readonly alias: string;

  /** Throws UNKNOWN_TABLE, SQL_UNSUPPORTED. */
  constructor(range: RangeVar, catalog: Catalog) {
    const name = range.relname ?? '';
    if (range.catalogname !== undefined || (range.schemaname ?? 'public') !== 'public') {
      throw unsupported('a table name with a schema', 'name the table alone');
    }
    if (range.alias?.colnames !== undefined) {
      throw unsupported('a list of column aliases', 'give each output its name with AS');
    }
    const schema = catalog.schemas.get(name);
    if (schema === undefined) {
      const known = [...catalog.schemas.keys()];
      throw new OpalineError('UNKNOWN_TABLE', { table: name, known });
    }
    this.schema = schema;
    this.alias = range.alias?.aliasname ?? name;
  }

  get columns(): readonly Column[] {
    return this.schema.columns;
  }

  /** The column that a reference names. Throws UNKNOWN_COLUMN, UNKNOWN_TABLE, SQL_UNSUPPORTED. */
  resolve(reference: ColumnRef): Column {
    const name = this.unqualified(reference.fields ?? []);
    const column = 'String' in name ? this.find(name.String.sval ?? '') : undefined;
    if (column !== undefined) return column;
    throw new OpalineError('UNKNOWN_COLUMN', {
      column: 'String' in name ? (name.String.sval ?? '') : '*',
      table: this.schema.table,
      known: this.columns.map((c) => c.name),
    });
  }

  find(name: string): Column | undefined {
    return this.columns.find((column) => column.name === name);
  }

  /** True for `*` and `table.*`. */
  isStar(node: Node | undefined): boolean {
    if (node === undefined || !('ColumnRef' in node)) return false;
    return 'A_Star' in this.unqualified(node.ColumnRef.fields ?? []);
  }

  /** The last part of a dotted name, the first having been checked to be this table. */
  private unqualified(fields: readonly Node[]): Node {
    if (fields.length > 2) throw unsupported('a column name with a schema', 'write table.column');
    if (fields.length === 2) {
      const table = 'String' in fields[0]! ? (fields[0].String.sval ?? '') : '';
      if (table !== this.alias) {
        throw new OpalineError('UNKNOWN_TABLE', { table, known: [this.alias] });
      }
    }
    return fields.at(-1)!;
  }
}
