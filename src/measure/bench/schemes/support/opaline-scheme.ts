import { decodeFragment } from '../../../../plan/fragment-codec.ts';
import type { Leakage } from '../../../../plan/leakage.ts';
import type { PartBytes } from '../../../../client/api.ts';
import type { Schema } from '../../../../table/schema.ts';
import { exchangeOf } from '../../../store-view.ts';
import type { RecordedCall } from '../../../recording-link.ts';
import type {
  Answer,
  LabTable,
  PreparedScheme,
  Question,
  Scheme,
  WorkloadName,
} from '../../scheme.ts';
import { exampleQuestions } from './example-questions.ts';
import type { OpalineLayout } from './opaline-layout.ts';
import { hiddenCondition, opalineSql, type SqlQuestion } from './opaline-sql.ts';
import { OpalineTable } from './opaline-table.ts';
import { groupRows } from './plain-table.ts';

/** One way to keep a table in Opaline. */
export interface OpalineWay extends Omit<Scheme, 'whose' | 'packages' | 'prepare'> {
  /** What it is measured on; default: all that its indexes answer. */
  readonly workloads?: readonly WorkloadName[];
  readonly layout: (table: LabTable) => OpalineLayout | undefined;
  /** Default: the question itself. */
  readonly sql?: (table: LabTable, schema: Schema, question: Question) => SqlQuestion | undefined;
  /** What rows look alike by at rest; default: nothing. */
  readonly labels?: (
    kept: OpalineTable,
    table: LabTable,
  ) => Promise<ReadonlyMap<string, Uint32Array>>;
}

/** What the store keeps so that it can answer: ciphertext columns, indexes, and what is sealed for the vault. */
const PARTS: Readonly<Record<WorkloadName, readonly (keyof PartBytes)[]>> = {
  sum: ['column', 'sealed'],
  correlation: ['column', 'sealed'],
  'filtered-average': ['column', 'index', 'sealed'],
  'group-by': ['column', 'index', 'sealed'],
  'exact-lookup': ['index', 'sealed'],
  range: ['index', 'sealed'],
  keyword: ['index', 'sealed'],
  conjunction: ['index', 'sealed'],
  'private-lookup': ['index', 'sealed'],
};

/** Opaline by its own client over a store in a folder. No key is given to the store: sums need none. */
export function opalineScheme(way: OpalineWay): Scheme {
  const {
    workloads,
    layout,
    sql = (_, schema, question) => opalineSql(schema, question),
    labels,
    ...statement
  } = way;
  return {
    ...statement,
    whose: 'opaline',
    prepare: async (table, context) => {
      const laid = layout(table);
      if (laid === undefined) return NOTHING;
      const kept = await OpalineTable.create(laid.schema, laid.rows, context);
      const asked = (question: Question): SqlQuestion | undefined =>
        workloads?.includes(question.workload) === false
          ? undefined
          : sql(table, kept.schema, question);
      const alike = await labels?.(kept, table);
      const shown = await explained(kept, table, asked);
      return {
        bytes: (workload) => ({
          atRest: PARTS[workload].reduce((sum, kind) => sum + kept.info.atRest[kind], 0),
          keys: 0,
        }),
        answer: (question) => {
          const query = asked(question);
          return query && answerTo(kept, table, question, query);
        },
        rowsFound: (question) => {
          const query = asked(question);
          if (query === undefined || hiddenCondition(kept.schema, question)) return undefined;
          return kept.rowsFound(query);
        },
        atRest: (column) => alike?.get(column),
        shows: (workload) => shown.get(workload) ?? 'nothing: it cannot be asked',
        [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
      };
    },
  };
}

const NOTHING: PreparedScheme = {
  bytes: () => ({ atRest: 0, keys: 0 }),
  answer: () => undefined,
  shows: () => 'nothing: it keeps no column of this table',
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

async function answerTo(
  kept: OpalineTable,
  table: LabTable,
  question: Question,
  query: SqlQuestion,
): Promise<Answer> {
  const hidden = hiddenCondition(kept.schema, question);
  if (hidden !== undefined) {
    const { rows, calls, ...bytes } = await kept.lookup(hidden);
    return withTranscript({ values: [String(rows)], ...bytes }, calls);
  }
  const { rows, leakage, stats, calls } = await kept.query(query);
  const { bytesUp, bytesDown, bound, rowsMatched } = stats;
  const answer = withTranscript(
    {
      values: rows.flatMap(([cell]) => (cell === null ? [] : [String(cell)])),
      bytesUp,
      bytesDown,
      ...(bound !== null && { noiseMarginBits: -Math.log2(bound) }),
    },
    calls,
    { matched: rowsMatched, all: kept.info.rows },
  );
  const group = question.workload === 'group-by' ? table.columns[question.group] : undefined;
  if (group?.kind !== 'text' || !showsGroups(leakage)) return answer;
  return later(answer, 'groupVolumes', () => groupRows(group));
}

/** Lists of a column's values show the store each group's rows; ciphertext columns of groups, and the vault, do not. */
function showsGroups(leakage: readonly Leakage[]): boolean {
  return leakage.some(({ node, index }) => node.startsWith('groupBy on ') && index === 'sse');
}

/** Rows of a query as the vault knows them. */
interface Found {
  /** By the condition. */
  readonly matched: number;
  readonly all: number;
}

/** @param found absent: nothing was looked for by the store */
function withTranscript(answer: Answer, calls: readonly RecordedCall[], found?: Found): Answer {
  return later(answer, 'transcript', () =>
    calls.map((call) => ({
      ...exchangeOf(call),
      ...(call.kind === 'aggregate' &&
        found !== undefined && { found: filters(call.fragment) ? found.matched : found.all }),
    })),
  );
}

/** Whether the store is given a condition: of oblivious groups it is not, and adds up every row. */
function filters(fragment: Uint8Array): boolean {
  const { segments } = decodeFragment(fragment);
  return segments.some(({ nodes, filter }) => nodes[filter]?.kind !== 'all');
}

/** A property that is made when it is asked for, so that it costs a measured answer nothing. */
function later<K extends keyof Answer>(answer: Answer, key: K, make: () => Answer[K]): Answer {
  let made: Answer[K];
  return Object.defineProperty(answer, key, { enumerable: true, get: () => (made ??= make()) });
}

/** What EXPLAIN says of the first question of each workload that can be asked. */
async function explained(
  kept: OpalineTable,
  table: LabTable,
  sql: (question: Question) => SqlQuestion | undefined,
): Promise<ReadonlyMap<WorkloadName, string>> {
  const shown = new Map<WorkloadName, string>();
  for (const [workload, questions] of exampleQuestions(table)) {
    for (const question of questions) {
      const query = sql(question);
      if (query === undefined) continue;
      const hidden = hiddenCondition(kept.schema, question) !== undefined;
      const leakage = await kept.explain(query);
      // A lookup alone is followed by no count.
      shown.set(workload, profileOf(leakage.filter(({ node }) => !hidden || node !== 'count')));
      break;
    }
  }
  return shown;
}

function profileOf(leakage: readonly Leakage[]): string {
  const union = (of: (one: Leakage) => readonly string[]): string =>
    [...new Set(leakage.flatMap(of))].join('; ');
  return `at rest: ${union(({ atRest }) => atRest)}. On query: ${union(({ onQuery }) => onQuery)}`;
}
