import { SeededRandom } from '../../../../../src/measure/attacks/seeded-random.ts';
import type { LabColumn, LabTable, Question } from '../../../../../src/measure/bench/scheme.ts';

export const ROWS = 3000;

const CITIES = 'ATL BOS DEN DFW LAX LGA MCO MSP ORD PHX SEA SFO Zürich 東京'.split(' ');
const WORDS = 'rain snow fog wind ice crew gate fuel tyre door seat late'.split(' ');

/** Flights of a kind: a key, two numbers that go together, texts of few, more and many values, notes. */
export function labTable(rows: number = ROWS): LabTable {
  const random = new SeededRandom(11);
  const keys = Int32Array.from(random.permutation(rows));
  const distance = Int32Array.from({ length: rows }, () => 100 + random.below(2400));
  const delay = distance.map((miles) => random.below(120) - 30 + (miles >>> 6));
  const zipf = random.drawer(CITIES.map((_, i) => 1 / (i + 1)));
  const text = (values: readonly string[], draw: () => number): LabColumn => ({
    kind: 'text',
    values,
    codes: Uint32Array.from({ length: rows }, draw),
  });
  const even = (count: number): LabColumn =>
    text(
      Array.from({ length: count }, (_, i) => `value ${i}`),
      () => random.below(count),
    );
  const notes = Array.from({ length: rows }, () =>
    Array.from({ length: 1 + random.below(4) }, () => WORDS[random.below(WORDS.length)]!).join(' '),
  );
  return {
    name: 'flights',
    rows,
    columns: {
      key: { kind: 'integer', values: keys },
      delay: { kind: 'integer', values: delay },
      distance: { kind: 'integer', values: distance },
      origin: text(CITIES, zipf),
      destination: even(60),
      'tail number': even(600),
      note: { kind: 'document', texts: notes },
    },
  };
}

/** The first rows of a table. */
export function firstRows({ name, columns, rows }: LabTable, count: number): LabTable {
  const cut = (column: LabColumn): LabColumn => {
    switch (column.kind) {
      case 'integer':
        return { ...column, values: column.values.slice(0, count) };
      case 'text':
        return { ...column, codes: column.codes.slice(0, count) };
      case 'document':
        return { ...column, texts: column.texts.slice(0, count) };
      default:
        return column satisfies never;
    }
  };
  const entries = Object.entries(columns).map(([key, column]) => [key, cut(column)] as const);
  return { name, rows: Math.min(rows, count), columns: Object.fromEntries(entries) };
}

export type QuestionName =
  | 'sum'
  | 'average'
  | 'average of nothing'
  | 'groups'
  | 'correlation'
  | 'lookup'
  | 'lookup of few'
  | 'lookup of many'
  | 'lookup of nothing'
  | 'range'
  | 'keyword'
  | 'keyword of nothing'
  | 'conjunction'
  | 'key';

export const QUESTIONS: Readonly<Record<QuestionName, Question>> = {
  sum: { workload: 'sum', column: 'delay' },
  average: {
    workload: 'filtered-average',
    column: 'delay',
    where: { column: 'origin', value: 'DEN' },
  },
  'average of nothing': {
    workload: 'filtered-average',
    column: 'distance',
    where: { column: 'origin', value: 'nowhere' },
  },
  groups: { workload: 'group-by', group: 'origin', column: 'distance' },
  correlation: { workload: 'correlation', x: 'delay', y: 'distance' },
  lookup: { workload: 'exact-lookup', where: { column: 'destination', value: 'value 7' } },
  'lookup of few': { workload: 'exact-lookup', where: { column: 'origin', value: 'SFO' } },
  'lookup of many': {
    workload: 'exact-lookup',
    where: { column: 'tail number', value: 'value 77' },
  },
  'lookup of nothing': {
    workload: 'exact-lookup',
    where: { column: 'tail number', value: 'value 600' },
  },
  range: { workload: 'range', column: 'distance', from: 500, to: 777 },
  keyword: { workload: 'keyword', column: 'note', word: 'fog' },
  'keyword of nothing': { workload: 'keyword', column: 'note', word: 'sunshine' },
  conjunction: {
    workload: 'conjunction',
    where: [
      { column: 'origin', value: 'ATL' },
      { column: 'destination', value: 'value 3' },
    ],
  },
  key: { workload: 'private-lookup', where: { column: 'key', value: '123' } },
};

/** Found row by row, in integers; averages and correlations as doubles. */
export function truthOf({ columns, rows }: LabTable, question: Question): (bigint | number)[] {
  const numbers = (name: string): bigint[] => {
    const column = columns[name];
    return column?.kind === 'integer' ? Array.from(column.values, BigInt) : [];
  };
  const cell = (name: string, row: number): string => {
    const column = columns[name]!;
    if (column.kind === 'integer') return String(column.values[row]);
    return column.kind === 'text' ? column.values[column.codes[row]!]! : column.texts[row]!;
  };
  const count = (chosen: (row: number) => boolean): [bigint] => {
    let found = 0n;
    for (let row = 0; row < rows; row++) if (chosen(row)) found++;
    return [found];
  };
  const total = (values: readonly bigint[]): bigint => values.reduce((sum, one) => sum + one, 0n);
  switch (question.workload) {
    case 'sum':
      return [total(numbers(question.column))];
    case 'filtered-average': {
      const { column, where } = question;
      const chosen = numbers(column).filter((_, row) => cell(where.column, row) === where.value);
      return chosen.length === 0 ? [] : [Number(total(chosen)) / chosen.length];
    }
    case 'group-by': {
      const sums = new Map<string, bigint>();
      for (const [row, value] of numbers(question.column).entries()) {
        const group = cell(question.group, row);
        sums.set(group, (sums.get(group) ?? 0n) + value);
      }
      return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
    }
    case 'correlation': {
      const [x, y] = [numbers(question.x), numbers(question.y)];
      const n = BigInt(rows);
      const joint = (p: readonly bigint[], q: readonly bigint[]): number =>
        Number(n * total(p.map((one, i) => one * q[i]!)) - total(p) * total(q));
      return [joint(x, y) / Math.sqrt(joint(x, x)) / Math.sqrt(joint(y, y))];
    }
    case 'range': {
      const values = numbers(question.column).map(Number);
      return count((row) => values[row]! >= question.from && values[row]! <= question.to);
    }
    case 'keyword':
      return count((row) => cell(question.column, row).split(' ').includes(question.word));
    case 'exact-lookup':
    case 'private-lookup':
      return count((row) => cell(question.where.column, row) === question.where.value);
    case 'conjunction':
      return count((row) =>
        question.where.every(({ column, value }) => cell(column, row) === value),
      );
    default:
      return question satisfies never;
  }
}
