import { tokensOf } from '../../../../table/tokens.ts';
import type { Equality, LabColumn, LabTable, Question } from '../../scheme.ts';
import { averageOf, correlationOf } from './exact-answers.ts';
import { sumByCode, sumOf, sumOfProducts, sumWhere } from './exact-sums.ts';

export type TextColumn = Extract<LabColumn, { kind: 'text' }>;

/** Distinct keywords of a document, as the indexes here take them (table/tokens.ts). */
export function wordsOf(text: string): string[] {
  return [...new Set(tokensOf(text, 'unicode'))];
}

/** The integer that a text spells; none equals NaN, which anything else gives. */
export function integerOf(text: string): number {
  return /^-?\d+$/.test(text) ? Number(text) : NaN;
}

/** A table in memory that answers by loops over its columns, with nothing between it and them. */
export class PlainTable {
  readonly table: LabTable;
  private readonly codes = new Map<string, ReadonlyMap<string, number>>();
  private readonly words = new Map<string, ReadonlyMap<string, number>>();

  private readonly split: boolean;

  /** @param split whether documents are already their distinct words, blanks between */
  constructor(table: LabTable, { split = false }: { readonly split?: boolean } = {}) {
    this.table = table;
    this.split = split;
  }

  /** Makes beforehand what answers else make when it is needed: codes of values, rows of words. */
  index(): this {
    for (const name of Object.keys(this.table.columns)) {
      this.codesOf(name);
      const texts = this.documents(name);
      if (texts !== undefined) this.words.set(name, rowsOfWords(texts));
    }
    return this;
  }

  integers(name: string): Int32Array | undefined {
    const column = this.table.columns[name];
    return column?.kind === 'integer' ? column.values : undefined;
  }

  text(name: string): TextColumn | undefined {
    const column = this.table.columns[name];
    return column?.kind === 'text' ? column : undefined;
  }

  /** Whether a row has a value; undefined for a column that has no values of its own. */
  has({ column, value }: Equality): ((row: number) => boolean) | undefined {
    const integers = this.integers(column);
    if (integers !== undefined) {
      const wanted = integerOf(value);
      return (row) => integers[row] === wanted;
    }
    const text = this.text(column);
    if (text === undefined) return undefined;
    const { codes } = text;
    const wanted = this.codesOf(column)!.get(value);
    return (row) => codes[row] === wanted;
  }

  /** Undefined where the columns are not of the kinds that the question takes. */
  answer(question: Question): readonly (string | number)[] | undefined {
    switch (question.workload) {
      case 'sum': {
        const values = this.integers(question.column);
        return values && [String(sumOf(values))];
      }
      case 'filtered-average': {
        const values = this.integers(question.column);
        const chosen = this.has(question.where);
        if (values === undefined || chosen === undefined) return undefined;
        const { sum, rows } = sumWhere(values, chosen);
        return averageOf(sum, rows);
      }
      case 'group-by': {
        const values = this.integers(question.column);
        const group = this.text(question.group);
        if (values === undefined || group === undefined) return undefined;
        const sums = sumByCode(values, group.codes, group.values.length);
        return inOrder(group.values, sums);
      }
      case 'correlation': {
        const [x, y] = [this.integers(question.x), this.integers(question.y)];
        return x && y && correlation(x, y);
      }
      case 'range': {
        const values = this.integers(question.column);
        const { from, to } = question;
        return values && this.counted((row) => values[row]! >= from && values[row]! <= to);
      }
      case 'keyword': {
        const { column, word } = question;
        const texts = this.documents(column);
        return texts && [this.words.get(column)?.get(word) ?? this.rowsWith(texts, word)];
      }
      case 'exact-lookup':
      case 'private-lookup': {
        const chosen = this.has(question.where);
        return chosen && this.counted(chosen);
      }
      case 'conjunction': {
        const [first, second] = question.where.map((one) => this.has(one));
        return first && second && this.counted((row) => first(row) && second(row));
      }
      default:
        return question satisfies never;
    }
  }

  private codesOf(name: string): ReadonlyMap<string, number> | undefined {
    const column = this.text(name);
    return column && kept(this.codes, name, () => new Map(column.values.map((v, i) => [v, i])));
  }

  private documents(name: string): readonly string[] | undefined {
    const column = this.table.columns[name];
    return column?.kind === 'document' ? column.texts : undefined;
  }

  private rowsWith(texts: readonly string[], word: string): number {
    const wanted = ` ${word} `;
    const has = this.split
      ? (text: string): boolean => ` ${text} `.includes(wanted)
      : (text: string): boolean => wordsOf(text).includes(word);
    return texts.reduce((rows, text) => rows + (has(text) ? 1 : 0), 0);
  }

  private counted(chosen: (row: number) => boolean): [number] {
    let count = 0;
    for (let row = 0; row < this.table.rows; row++) if (chosen(row)) count++;
    return [count];
  }
}

function correlation(x: Int32Array, y: Int32Array): readonly string[] {
  return correlationOf({
    rows: x.length,
    x: sumOf(x),
    y: sumOf(y),
    xx: sumOfProducts(x, x),
    yy: sumOfProducts(y, y),
    xy: sumOfProducts(x, y),
  });
}

/** What groups with a row have, in the order of their names; exact sums as text. */
export function inOrder(
  names: readonly string[],
  sums: readonly (bigint | number | undefined)[],
): (string | number)[] {
  return names
    .map((name, i) => ({ name, sum: sums[i] }))
    .filter(({ sum }) => sum !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ sum }) => (typeof sum === 'bigint' ? String(sum) : sum!));
}

/** Rows of each group that has one, in the order of their names: what whoever sees the groups can count. */
export function groupRows({ codes, values }: TextColumn): number[] {
  const rows = values.map((): number | undefined => undefined);
  for (const code of codes) rows[code] = (rows[code] ?? 0) + 1;
  return inOrder(values, rows) as number[];
}

function rowsOfWords(texts: readonly string[]): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (const text of texts) {
    for (const word of wordsOf(text)) rows.set(word, (rows.get(word) ?? 0) + 1);
  }
  return rows;
}

function kept<T>(known: Map<string, T>, name: string, make: () => T): T {
  let found = known.get(name);
  if (found === undefined) known.set(name, (found = make()));
  return found;
}
