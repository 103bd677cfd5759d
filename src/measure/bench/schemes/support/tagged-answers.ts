import type { Answer, Equality, LabTable, Question } from '../../scheme.ts';
import { averageOf, correlationOf } from './exact-answers.ts';
import { sumOf, sumOfProducts } from './exact-sums.ts';
import { groupRows, inOrder } from './plain-table.ts';
import { type TaggedTable, tableOf } from './tagged-table.ts';

/** Undefined where a column is not of the kind that the question takes; ranges have no tags. */
export function answerByTags(
  kept: TaggedTable,
  table: LabTable,
  question: Question,
): Promise<Answer> | undefined {
  const kinds = (names: readonly string[], ...wanted: readonly string[]): boolean =>
    names.every((name) => wanted.includes(table.columns[name]?.kind ?? ''));
  const tagged = (...names: readonly string[]): boolean =>
    kinds(names, 'integer', 'text') && names.every((name) => kept.labels.has(name));
  const answers = new TaggedAnswers(kept, Object.keys(table.columns));
  switch (question.workload) {
    case 'sum':
      return kinds([question.column], 'integer') ? answers.sum(question.column) : undefined;
    case 'filtered-average': {
      const { column, where } = question;
      if (!kinds([column], 'integer') || !tagged(where.column)) return undefined;
      return answers.average(column, where);
    }
    case 'group-by': {
      const { column, group } = question;
      const groups = table.columns[group];
      if (!kinds([column], 'integer') || groups?.kind !== 'text') return undefined;
      return answers
        .groups(column, group)
        .then((answer) => ({ ...answer, groupVolumes: groupRows(groups) }));
    }
    case 'correlation': {
      const { x, y } = question;
      return kinds([x, y], 'integer') ? answers.correlation(x, y) : undefined;
    }
    case 'keyword': {
      const { column, word } = question;
      return kinds([column], 'document') ? answers.count([{ column, value: word }]) : undefined;
    }
    case 'exact-lookup':
    case 'private-lookup': {
      const { where } = question;
      return tagged(where.column) ? answers.count([where]) : undefined;
    }
    case 'conjunction': {
      const { where } = question;
      const names = where.map(({ column }) => column);
      return tagged(...names) ? answers.count(where) : undefined;
    }
    case 'range':
      return undefined;
    default:
      return question satisfies never;
  }
}

class TaggedAnswers {
  private readonly kept: TaggedTable;
  private readonly names: readonly string[];

  constructor(kept: TaggedTable, names: readonly string[]) {
    this.kept = kept;
    this.names = names;
  }

  async sum(column: string): Promise<Answer> {
    const { values, bytes } = await this.column(column);
    return { values: [String(sumOf(values))], ...seen([], bytes) };
  }

  async average(column: string, where: Equality): Promise<Answer> {
    const tag = await this.tag(where);
    const sql = `SELECT sealed FROM ${this.at(column)}
                 WHERE row IN (SELECT row FROM ${this.at(where.column)} WHERE tag = ?)`;
    const { rows, bytes } = this.kept.query(sql, tag);
    const values = await this.opened(column, rows);
    return {
      values: averageOf(sumOf(values), values.length),
      ...seen([tag], bytes, values.length),
    };
  }

  /** One name of each tag is decrypted; of what is added up, every value. */
  async groups(column: string, group: string): Promise<Answer> {
    const { decrypt } = this.kept.fields.get(group)!;
    const names = this.kept.query(`SELECT tag, MIN(sealed) FROM ${this.at(group)} GROUP BY tag`);
    const cells = this.kept.query(
      `SELECT x.sealed, g.tag FROM ${this.at(column)} x JOIN ${this.at(group)} g USING (row)`,
    );
    const values = await this.opened(column, cells.rows);
    const sums = new Map<unknown, bigint>();
    cells.rows.forEach(([, tag], i) => sums.set(tag, (sums.get(tag) ?? 0n) + BigInt(values[i]!)));
    const opened = await Promise.all(names.rows.map(([, sealed]) => decrypt(sealed as string)));
    const ordered = inOrder(
      opened,
      names.rows.map(([tag]) => sums.get(tag)),
    );
    return { values: ordered, ...seen([], names.bytes + cells.bytes) };
  }

  async correlation(first: string, second: string): Promise<Answer> {
    const [x, y] = [await this.column(first), await this.column(second)];
    const [p, q] = [x.values, y.values];
    return {
      values: correlationOf({
        rows: p.length,
        x: sumOf(p),
        y: sumOf(q),
        xx: sumOfProducts(p, p),
        yy: sumOfProducts(q, q),
        xy: sumOfProducts(p, q),
      }),
      ...seen([], x.bytes + y.bytes),
    };
  }

  /** Rows that have all the tags, by number. */
  async count(where: readonly Equality[]): Promise<Answer> {
    const tags = await Promise.all(where.map((one) => this.tag(one)));
    const tables = where.map(({ column }, i) => `${this.at(column)} t${i}`);
    const joined = tables.map((table, i) => (i === 0 ? table : `JOIN ${table} USING (row)`));
    const conditions = tables.map((_, i) => `t${i}.tag = ?`);
    const { rows, bytes } = this.kept.query(
      `SELECT row FROM ${joined.join(' ')} WHERE ${conditions.join(' AND ')}`,
      ...tags,
    );
    return { values: [String(rows.length)], ...seen(tags, bytes, rows.length) };
  }

  private at(name: string): string {
    return tableOf(this.names.indexOf(name));
  }

  private tag({ column, value }: Equality): Promise<string> {
    return this.kept.fields.get(column)!.tag(value);
  }

  private async column(name: string): Promise<{ values: Int32Array; bytes: number }> {
    const { rows, bytes } = this.kept.query(`SELECT sealed FROM ${this.at(name)} ORDER BY row`);
    return { values: await this.opened(name, rows), bytes };
  }

  private async opened(name: string, rows: readonly (readonly unknown[])[]): Promise<Int32Array> {
    const { decrypt } = this.kept.fields.get(name)!;
    const texts = await Promise.all(rows.map(([sealed]) => decrypt(sealed as string)));
    return Int32Array.from(texts, Number);
  }
}

function seen(tags: readonly string[], down: number, found?: number): Partial<Answer> {
  const up = tags.reduce((sum, { length }) => sum + length, 0);
  const exchange = { up, down, touched: tags, ...(found !== undefined && { found }) };
  return { bytesUp: up, bytesDown: down, transcript: [exchange] };
}
