import { OpalineError } from '../../errors/opaline-error.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import { firstPlace, type Page, type PageMemory, type Place } from '../../gate/pages.ts';
import type { ConditionNode } from '../../plan/query/nodes.ts';
import type { DeletePlan, Predicate } from '../../plan/physical.ts';
import { planRows } from '../../plan/query/plan.ts';
import { parseSchema } from '../../table/schema-json.ts';
import type { Schema } from '../../table/schema.ts';
import type { Value } from '../../table/value.ts';
import { type Condition, conditionNode, isCondition } from '../typed/conditions.ts';
import type { KeyOf, RowOf, SchemaLiteral, SubjectOf } from '../typed/schema.ts';
import { checkShape } from '../typed/shape.ts';
import type {
  FindOptions,
  PutOptions,
  PutReport,
  ReadOptions,
  RecordPage,
  Records,
  RemovalReport,
  StreamOptions,
  WriteOptions,
} from './api.ts';
import { type Cursors, cursorsOf } from './cursor.ts';
import { patiently } from './patience.ts';
import { putRecords } from './put.ts';
import { keyConditions, rowTags } from './record-keys.ts';
import { rowObject } from './row-object.ts';
import type { TableAccess } from './table-access.ts';

const MOST_ROWS = 10_000;

/** The records of one table of a vault. */
export class TableRecords<S extends SchemaLiteral> implements Records<S> {
  readonly schema: S;
  readonly #declared: Schema;
  readonly #access: TableAccess;

  private constructor(schema: S, access: TableAccess) {
    this.schema = schema;
    this.#declared = parseSchema(schema);
    this.#access = access;
  }

  /** @throws SCHEMA_MISMATCH where the table is there and of another shape */
  static async open<S extends SchemaLiteral>(
    schema: S,
    access: TableAccess,
  ): Promise<TableRecords<S>> {
    const records = new TableRecords(schema, access);
    await access.settled(() => records.#table());
    return records;
  }

  async put(records: unknown, options: PutOptions = {}): Promise<PutReport> {
    return await putRecords(this.#declared, this.#access, records, options);
  }

  async get(key: KeyOf<S>, options: ReadOptions = {}): Promise<RowOf<S> | undefined> {
    const where = keyConditions(this.#declared, key);
    return await this.#access.settled(async () => {
      const table = await this.#table();
      const filter = this.#filter(where, table);
      if (table === undefined) return undefined;
      const { rows } = await this.#page(filter, table, firstPlace(table), 2, options);
      if (rows.length > 1) throw new OpalineError('KEY_NOT_UNIQUE', { table: table.schema.table });
      const [row] = rows;
      return row && this.#object(row);
    });
  }

  async find(condition?: Condition<S>, options: FindOptions = {}): Promise<RecordPage<S>> {
    const { after, limit = 100 } = options;
    checkCount(limit, 'limit');
    return await this.#access.settled(async () => {
      const table = await this.#table();
      const filter = this.#filter(nodesOf(condition), table);
      if (table === undefined) {
        if (after === undefined) return { rows: [], next: undefined };
        throw new OpalineError('CURSOR_INVALID', { reason: 'the table has no rows yet' });
      }
      const cursors = this.#cursors(filter, table);
      const place = after === undefined ? firstPlace(table) : cursors.open(after);
      const page = await this.#page(filter, table, place, limit, options);
      const next = page.next && cursors.seal(page.next);
      return { rows: page.rows.map((row) => this.#object(row)), next };
    });
  }

  async *stream(
    condition?: Condition<S>,
    options: StreamOptions = {},
  ): AsyncGenerator<RowOf<S>, void, undefined> {
    const { page: limit = 1000 } = options;
    checkCount(limit, 'page');
    const nodes = nodesOf(condition);
    const memory: PageMemory = {};
    let place: Place | undefined;
    do {
      const page = await this.#access.settled(async (): Promise<Page> => {
        const table = await this.#table();
        const filter = this.#filter(nodes, table);
        if (table === undefined) return { rows: [], next: undefined };
        return await this.#page(filter, table, place ?? firstPlace(table), limit, options, memory);
      });
      for (const row of page.rows) yield this.#object(row);
      place = page.next;
    } while (place !== undefined);
  }

  async delete(
    target: KeyOf<S> | Condition<S>,
    options: WriteOptions = {},
  ): Promise<RemovalReport> {
    const nodes = isCondition(target)
      ? [conditionNode(target)]
      : keyConditions(this.#declared, target);
    return await this.#remove(nodes, false, options);
  }

  async erase(
    target: SubjectOf<S> | Condition<S>,
    options: WriteOptions = {},
  ): Promise<RemovalReport> {
    return await this.#remove(this.#subject(target), true, options);
  }

  #subject(target: unknown): ConditionNode[] {
    if (isCondition(target)) return [conditionNode(target)];
    const { subject, table } = this.#declared;
    if (subject === undefined) return keyConditions(this.#declared, target);
    if (target === undefined || target === null) {
      throw new OpalineError('TYPE_MISMATCH', {
        reason: `a subject of table "${table}" is a value`,
      });
    }
    return [conditionNode([subject, '=', target])];
  }

  async #remove(
    nodes: readonly ConditionNode[],
    erase: boolean,
    options: WriteOptions,
  ): Promise<RemovalReport> {
    const { signal } = options;
    const access = this.#access;
    return await patiently(
      () =>
        access.write(async () => {
          const table = await access.lockedTable(this.#declared.table);
          if (table !== undefined) checkShape(table.schema, this.#declared);
          const filter = this.#filter(nodes, table);
          if (table === undefined) return { rows: 0, epoch: 0 };
          const found = await access.locate(filter, table, signal);
          // The store's word is not enough to remove a row: each is looked at.
          for await (const _ of access.opened(filter, found, table, signal));
          const nothing = found.rows === 0 && !erase;
          const epoch = nothing
            ? table.manifest.epoch
            : await access.remove(table, found, erase, signal);
          return { rows: found.rows, epoch };
        }),
      options,
    );
  }

  async #table(): Promise<OpenTable | undefined> {
    const table = await this.#access.table(this.#declared.table);
    if (table !== undefined) checkShape(table.schema, this.#declared);
    return table;
  }

  /** Bound to the table as it is, or to the schema that it will have. */
  #filter(nodes: readonly ConditionNode[], table: OpenTable | undefined): Predicate {
    const schema = table?.schema ?? this.#declared;
    const plan: DeletePlan = planRows(schema.table, nodes, {
      schemas: new Map([[schema.table, schema]]),
    });
    return plan.filter;
  }

  #cursors(filter: Predicate, table: OpenTable): Cursors {
    return cursorsOf(this.#access.cursorKey(), table.id, filter);
  }

  async #page(
    filter: Predicate,
    table: OpenTable,
    place: Place,
    limit: number,
    { signal }: ReadOptions,
    memory?: PageMemory,
  ): Promise<Page> {
    const tagOf = rowTags(table.schema, this.#cursors(filter, table).tagKey);
    const request = { filter, place, limit, tagOf, ...(memory && { memory }) };
    return await this.#access.page(request, table, signal);
  }

  #object(row: readonly Value[]): RowOf<S> {
    return rowObject(this.#declared.columns, row) as RowOf<S>;
  }
}

function nodesOf(condition: unknown): ConditionNode[] {
  return condition === undefined ? [] : [conditionNode(condition)];
}

function checkCount(count: number, name: string): void {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_ROWS) return;
  const reason = `"${name}" must be a whole number from 1 to ${MOST_ROWS}`;
  throw new OpalineError('TYPE_MISMATCH', { reason });
}
