import type {
  Answer,
  LabTable,
  Question,
  Scheme,
  SchemeContext,
  WorkloadName,
} from '../../scheme.ts';
import { averageOf, correlationOf } from './exact-answers.ts';
import { factsOf } from '../../column-facts.ts';
import { groupRows, inOrder, PlainTable } from './plain-table.ts';

/** A sum that came back encrypted and was opened by its owner: exact, or a double where it is not. */
export interface Opened {
  readonly value: bigint | number;
  /** Of the reply. */
  readonly bytes: number;
  readonly noiseMarginBits?: number;
}

/** Sums and sums of products of two columns, over all rows. */
export type OpenedMoments = Readonly<Record<'x' | 'y' | 'xx' | 'yy' | 'xy', Opened>>;

/** Encrypted numbers at a store that adds them up without their key. */
export interface AdditiveTable extends Disposable {
  readonly bytes: (workload: WorkloadName) => { readonly atRest: number; readonly keys: number };
  /** Σ over the rows that are chosen; default: all. */
  readonly sum: (column: string, chosen?: (row: number) => boolean) => Opened;
  /** Σ for each code that a row has; undefined for codes of none. */
  readonly groups: (column: string, codes: Uint32Array, count: number) => (Opened | undefined)[];
  /** Absent: it cannot multiply; undefined: products are more than its numbers hold. */
  readonly moments?: (x: string, y: string) => OpenedMoments | undefined;
}

export interface AdditiveWay extends Omit<Scheme, 'whose' | 'prepare'> {
  /** Encrypt the integer columns of these names. */
  readonly encrypt: (
    table: LabTable,
    columns: readonly string[],
    context: SchemeContext,
  ) => Promise<AdditiveTable>;
}

/**
 * A homomorphic library as it is used by itself: numbers are encrypted, and what rows are chosen by, texts, lies beside
 * them in plain, for the store must know which rows to add.
 */
export function additiveScheme({ encrypt, ...statement }: AdditiveWay): Scheme {
  return {
    ...statement,
    whose: 'peer',
    expectedGrowth: () => 1,
    prepare: async (table, context) => {
      const numbers = factsOf(table).filter(({ kind }) => kind === 'integer');
      const names = numbers.map(({ name }) => name);
      const texts = factsOf(table).filter(({ kind }) => kind === 'text');
      const kept = await encrypt(table, names, context);
      const answers = new AdditiveAnswers(kept, table, names);
      return {
        bytes: kept.bytes,
        answer: (question) => {
          const answer = answers.to(question);
          return answer && Promise.resolve(answer);
        },
        atRest: (column) => (names.includes(column) ? undefined : ('all' as const)),
        shows: (workload) =>
          `at rest: how many rows there are; texts in plain (${texts.map(({ name }) => name).join(', ')}). On query: ${ON_QUERY[workload] ?? 'nothing: it cannot be asked'}`,
        [Symbol.asyncDispose]: () => {
          kept[Symbol.dispose]();
          return Promise.resolve();
        },
      };
    },
  };
}

const ON_QUERY: Partial<Record<WorkloadName, string>> = {
  sum: 'which column is added up',
  'filtered-average': 'the condition, its rows, and which column is added up over them',
  'group-by': 'the groups, their names and rows, and which column is added up',
  correlation: 'which two columns are multiplied and added up',
};

class AdditiveAnswers {
  private readonly kept: AdditiveTable;
  private readonly plain: PlainTable;
  private readonly names: readonly string[];

  constructor(kept: AdditiveTable, table: LabTable, names: readonly string[]) {
    this.kept = kept;
    this.plain = new PlainTable(table);
    this.names = names;
  }

  to(question: Question): Answer | undefined {
    switch (question.workload) {
      case 'sum': {
        if (!this.names.includes(question.column)) return undefined;
        const opened = this.kept.sum(question.column);
        return answerOf([textOf(opened.value)], [opened]);
      }
      case 'filtered-average': {
        const { column, where } = question;
        const text = this.plain.text(where.column);
        if (!this.names.includes(column) || text === undefined) return undefined;
        const chosen = this.plain.has(where)!;
        let rows = 0;
        for (let row = 0; row < text.codes.length; row++) if (chosen(row)) rows++;
        if (rows === 0) return answerOf([], []);
        const opened = this.kept.sum(column, chosen);
        const { value } = opened;
        return answerOf(
          typeof value === 'bigint' ? averageOf(value, rows) : [value / rows],
          [opened],
          where.value.length,
        );
      }
      case 'group-by': {
        const text = this.plain.text(question.group);
        if (!this.names.includes(question.column) || text === undefined) return undefined;
        const sums = this.kept.groups(question.column, text.codes, text.values.length);
        const values = inOrder(
          text.values,
          sums.map((opened) => opened?.value),
        );
        const present = sums.filter((opened) => opened !== undefined);
        return { ...answerOf(values, present), groupVolumes: groupRows(text) };
      }
      case 'correlation': {
        const { x, y } = question;
        if (!this.names.includes(x) || !this.names.includes(y)) return undefined;
        const moments = this.kept.moments?.(x, y);
        if (moments === undefined) return undefined;
        return answerOf(correlationFrom(moments, this.plain.table.rows), Object.values(moments));
      }
      default:
        return undefined;
    }
  }
}

const textOf = (value: bigint | number): string | number =>
  typeof value === 'bigint' ? String(value) : value;

function correlationFrom({ x, y, xx, yy, xy }: OpenedMoments, rows: number): Answer['values'] {
  const values = [x, y, xx, yy, xy].map(({ value }) => value);
  if (values.every((value) => typeof value === 'bigint')) {
    const [sx, sy, sxx, syy, sxy] = values as [bigint, bigint, bigint, bigint, bigint];
    return correlationOf({ rows, x: sx, y: sy, xx: sxx, yy: syy, xy: sxy });
  }
  const [sx, sy, sxx, syy, sxy] = values.map(Number) as [number, number, number, number, number];
  const spread = (sxx - (sx * sx) / rows) * (syy - (sy * sy) / rows);
  return spread > 0 ? [(sxy - (sx * sy) / rows) / Math.sqrt(spread)] : [];
}

function answerOf(values: Answer['values'], opened: readonly Opened[], bytesUp = 0): Answer {
  const margins = opened.flatMap(({ noiseMarginBits }) => noiseMarginBits ?? []);
  return {
    values,
    bytesUp,
    bytesDown: opened.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(margins.length > 0 && { noiseMarginBits: Math.min(...margins) }),
  };
}
