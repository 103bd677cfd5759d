import type { RandomBytes } from '../../../src/bytes/discrete-gaussian.ts';
import { sha256 } from '../../../src/bytes/hash.ts';
import type { OpenTable } from '../../../src/gate/open-table.ts';
import { ReleaseLedger } from '../../../src/gate/release/ledger.ts';
import type { LedgerFile } from '../../../src/gate/release/ledger-file.ts';
import { StatisticalGuard } from '../../../src/gate/release/statistical-guard.ts';
import { finishAggregate } from '../../../src/plan/finish.ts';
import { interpretAggregate } from '../../../src/plan/interpret.ts';
import type { AggregatePlan } from '../../../src/plan/physical.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import type { ResultTable } from '../../../src/plan/result.ts';
import type { ReleaseSettings } from '../../../src/policy/release/settings.ts';
import type { StoreLink } from '../../../src/store/link.ts';
import { parseSchema } from '../../../src/table/schema-json.ts';
import type { Schema } from '../../../src/table/schema.ts';
import type { Value } from '../../../src/table/value.ts';

export type Rows = readonly (readonly Value[])[];

/** Salaries of people, each of whom has one row. */
export const PAY: Schema = parseSchema({
  version: 1,
  table: 'pay',
  subject: 'person',
  columns: {
    person: { type: 'text' },
    dept: { type: 'text' },
    age: { type: 'integer' },
    salary: { type: 'integer', range: [0, 100_000], nullable: true },
  },
});

/** 60 people, p0 to p59, in two departments. */
export const PEOPLE: Rows = Array.from({ length: 60 }, (_, i) => [
  `p${i}`,
  i % 2 === 0 ? 'A' : 'B',
  BigInt(20 + (i % 40)),
  BigInt(20_000 + ((i * 7919) % 50_000)),
]);

/** A ledger's file in memory; its lock excludes whoever else has the same file. */
export class MemoryLedgerFile implements LedgerFile {
  readonly name = 'memory.ledger';
  bytes: Uint8Array = new Uint8Array(0);
  private turn: Promise<void> = Promise.resolve();

  async lock(): Promise<AsyncDisposable> {
    const before = this.turn;
    const mine = Promise.withResolvers<void>();
    this.turn = mine.promise;
    await before;
    return {
      [Symbol.asyncDispose]: () => {
        mine.resolve();
        return Promise.resolve();
      },
    };
  }

  read(from: number): Promise<Uint8Array> {
    return Promise.resolve(this.bytes.slice(from));
  }

  append(bytes: Uint8Array): Promise<void> {
    const all = new Uint8Array(this.bytes.length + bytes.length);
    all.set(this.bytes);
    all.set(bytes, this.bytes.length);
    this.bytes = all;
    return Promise.resolve();
  }

  truncate(size: number): Promise<void> {
    this.bytes = this.bytes.slice(0, size);
    return Promise.resolve();
  }
}

const KEYS = { records: new Uint8Array(32).fill(1), rows: new Uint8Array(32).fill(2) };

/** The product's guard over a file. The link is for tables that have segments. */
export function guardOver(
  file: LedgerFile,
  settings: ReleaseSettings,
  random?: RandomBytes,
  link: StoreLink = {} as StoreLink,
): StatisticalGuard {
  const ledger = new ReleaseLedger(file, KEYS);
  return new StatisticalGuard({
    link,
    ledger: () => ledger,
    settings: () => Promise.resolve(settings),
    now: () => 1_700_000_000_000,
    wait: () => Promise.resolve(),
    ...(random === undefined ? {} : { random }),
  });
}

/** A table whose rows are all small appends, opened: what the guard reads of it. */
export function tableOf(rows: Rows, schema: Schema = PAY): OpenTable {
  const table = { schema, manifest: { segments: [] }, deltaRows: () => Promise.resolve(rows) };
  return table as unknown as OpenTable;
}

export async function planOf(sql: string, schema: Schema = PAY): Promise<AggregatePlan> {
  const plan = await planQuery(sql, [], { schemas: new Map([[schema.table, schema]]) });
  return plan as AggregatePlan;
}

/** Whom an attack asks: rows as they are now, a query, its answer. Rejects where it is refused. */
export type Answerer = (sql: string, rows?: Rows) => Promise<ResultTable>;

/** Answers with the guard on: the plan that it asks for is computed exactly on the rows. */
export function guarded(guard: StatisticalGuard, schema: Schema = PAY): Answerer {
  return async (sql, rows = PEOPLE) => {
    const reserved = await guard.review({
      plan: await planOf(sql, schema),
      table: tableOf(rows, schema),
    });
    const groups = interpretAggregate(reserved.plan as AggregatePlan, schema, rows);
    return await reserved.settle({ groups, result: { columns: [], rows: [] } });
  };
}

/** Answers with the guard off. */
export const unguarded: Answerer = async (sql, rows = PEOPLE) => {
  const plan = await planOf(sql);
  return finishAggregate(plan, PAY, interpretAggregate(plan, PAY, rows));
};

/** Bytes that follow from a seed, SHA-256 of a counter. */
export function seeded(seed: number): RandomBytes {
  let counter = 0;
  let block = new Uint8Array(0);
  let at = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      if (at === block.length) {
        block = new Uint8Array(sha256(new TextEncoder().encode(`${seed} ${counter++}`)));
        at = 0;
      }
      out[i] = block[at++]!;
    }
    return out;
  };
}
