import type { Parameter } from '../../src/plan/parameter.ts';
import type { Column } from '../../src/table/schema.ts';
import { formatValue } from '../../src/table/value-text.ts';

/** A query as the generator and the oracle see it: independent of the parser and of plan/. */
export interface Query {
  readonly kind: 'aggregate' | 'select';
  readonly output: readonly { readonly expr: Expr; readonly alias?: string }[];
  readonly where?: Condition;
  readonly groupBy: readonly Column[];
  readonly having?: GroupCondition;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: number;
  readonly offset?: number;
}

export interface OrderItem {
  /** An output by its ordinal, or an expression. */
  readonly key: number | Expr;
  readonly descending: boolean;
  readonly nulls?: 'FIRST' | 'LAST';
}

/** An expression over rows (sums' arguments, row retrieval) or over a group. */
export type Expr =
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'literal'; readonly literal: Literal }
  | { readonly kind: 'negate' | 'abs'; readonly arg: Expr }
  | { readonly kind: '+' | '-' | '*' | '/' | '%'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'round'; readonly arg: Expr; readonly digits?: number }
  | { readonly kind: 'countRows' }
  | { readonly kind: 'aggregate'; readonly name: string; readonly args: readonly Expr[] }
  /** Of a column's order; the fraction is in thousandths. */
  | {
      readonly kind: 'order';
      readonly name: OrderName;
      readonly arg: Expr;
      readonly fraction: bigint;
      readonly buckets: number;
    };

export const ORDER_NAMES = [
  'min',
  'max',
  'count',
  'percentile_disc',
  'median',
  'quantile',
  'percentile_cont',
  'histogram',
] as const;
export type OrderName = (typeof ORDER_NAMES)[number];

export type Literal = (
  | { readonly type: 'null' }
  | { readonly type: 'number'; readonly digits: bigint; readonly scale: number }
  | { readonly type: 'real'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'date'; readonly value: bigint }
  | { readonly type: 'timestamp'; readonly value: bigint }
) & {
  /** How it is written: in the text, quoted where it need not be, with its type, or as a parameter. */
  readonly form: 'plain' | 'quoted' | 'typed' | 'parameter' | 'textParameter';
};

export const OPS = ['=', '<>', '<', '<=', '>', '>='] as const;
export type Op = (typeof OPS)[number];

export type Condition =
  | {
      readonly kind: 'compare';
      readonly column: Column;
      readonly op: Op;
      readonly to: Literal;
      readonly swapped: boolean;
      /** Compare factor · column + addend instead. */
      readonly linear?: { readonly factor: number; readonly addend: number };
    }
  | {
      readonly kind: 'between';
      readonly column: Column;
      readonly low: Literal;
      readonly high: Literal;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'in';
      readonly column: Column;
      readonly list: readonly Literal[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'same';
      readonly column: Column;
      readonly to: Literal;
      readonly negated: boolean;
    }
  | { readonly kind: 'isNull'; readonly column: Column; readonly negated: boolean }
  /** The pattern escapes by a backslash, or by the character given. */
  | {
      readonly kind: 'like';
      readonly column: Column;
      readonly pattern: string;
      readonly escape: string | undefined;
      readonly negated: boolean;
      readonly form: 'plain' | 'parameter';
    }
  | {
      readonly kind: 'match';
      readonly column: Column;
      readonly words: Words;
      readonly form: 'plain' | 'parameter';
    }
  | { readonly kind: 'bare'; readonly column: Column }
  | { readonly kind: 'constant'; readonly sql: string }
  | { readonly kind: 'not'; readonly arg: Condition }
  | { readonly kind: 'and' | 'or'; readonly args: readonly Condition[] }
  | { readonly kind: 'test'; readonly arg: Condition; readonly test: string };

/** What MATCH is asked for. */
export type Words =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'not'; readonly arg: Words }
  /** `written`: with its operator; else AND is left out. */
  | { readonly kind: 'and' | 'or'; readonly args: readonly Words[]; readonly written: boolean };

export function wordsText(words: Words): string {
  switch (words.kind) {
    case 'word':
      return words.word;
    case 'not':
      return `NOT (${wordsText(words.arg)})`;
    default: {
      const operator = words.kind === 'or' ? ' OR ' : words.written ? ' AND ' : ' ';
      return words.args.map((arg) => `(${wordsText(arg)})`).join(operator);
    }
  }
}

export type GroupCondition =
  | { readonly kind: 'compare'; readonly left: Expr; readonly op: Op; readonly right: Expr }
  | { readonly kind: 'isNull'; readonly arg: Expr; readonly negated: boolean }
  | { readonly kind: 'not'; readonly arg: GroupCondition }
  | { readonly kind: 'and' | 'or'; readonly args: readonly GroupCondition[] };

export const quoteName = (name: string): string =>
  /^[a-z]$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** The name PostgreSQL gives an output. */
export function nameOf({ expr, alias }: Query['output'][number]): string {
  if (alias !== undefined) return alias;
  switch (expr.kind) {
    case 'column':
      return expr.column.name;
    case 'aggregate':
    case 'order':
      return expr.name;
    case 'countRows':
      return 'count';
    case 'abs':
    case 'round':
      return expr.kind;
    case 'literal':
      return typedName(expr.literal);
    default:
      return '?column?';
  }
}

function typedName({ type, form }: Literal): string {
  return form === 'typed' && (type === 'date' || type === 'timestamp') ? type : '?column?';
}

/** The SQL text of a query and the parameters that it takes. */
export function render(query: Query, table: string): { sql: string; parameters: Parameter[] } {
  const parameters: Parameter[] = [];
  const parameter = (value: Parameter): string => `$${parameters.push(value)}`;

  const literal = (l: Literal): string => {
    const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
    const inParameter = l.form === 'parameter';
    if (l.form === 'textParameter' && l.type !== 'null') return parameter(textOf(l));
    switch (l.type) {
      case 'null':
        return inParameter ? parameter(null) : 'NULL';
      case 'number':
        if (inParameter && l.scale === 0) return parameter(l.digits);
        return l.form === 'quoted' ? quote(textOf(l)) : textOf(l);
      case 'real':
        if (inParameter) return parameter(l.value);
        return l.form === 'quoted' ? quote(textOf(l)) : textOf(l);
      case 'boolean':
        if (inParameter) return parameter(l.value);
        return l.form === 'quoted' ? quote(l.value ? 'yes' : 'f') : String(l.value).toUpperCase();
      case 'text':
        return inParameter ? parameter(l.value) : quote(l.value);
      case 'timestamp':
        if (inParameter && l.value % 1000n === 0n)
          return parameter(new Date(Number(l.value / 1000n)));
        return l.form === 'typed' ? `TIMESTAMP ${quote(textOf(l))}` : quote(textOf(l));
      case 'date':
        return l.form === 'typed' ? `DATE ${quote(textOf(l))}` : quote(textOf(l));
    }
  };

  const expr = (e: Expr): string => {
    switch (e.kind) {
      case 'column':
        return quoteName(e.column.name);
      case 'literal':
        return literal(e.literal);
      case 'negate':
        return `(- ${expr(e.arg)})`;
      case 'abs':
        return `ABS(${expr(e.arg)})`;
      case 'round':
        return `ROUND(${expr(e.arg)}${e.digits === undefined ? '' : `, ${e.digits}`})`;
      case 'countRows':
        return 'COUNT(*)';
      case 'aggregate':
        return `${e.name.toUpperCase()}(${e.args.map(expr).join(', ')})`;
      case 'order': {
        const arg = expr(e.arg);
        const name = e.name.toUpperCase();
        const fraction = formatDigits(e.fraction, 3);
        switch (e.name) {
          case 'count':
            return `COUNT(DISTINCT ${arg})`;
          case 'quantile':
            return `QUANTILE(${arg}, ${fraction})`;
          case 'percentile_cont':
          case 'percentile_disc':
            return `${name}(${fraction}) WITHIN GROUP (ORDER BY ${arg})`;
          case 'histogram':
            return `HISTOGRAM(${arg}, ${e.buckets})`;
          default:
            return `${name}(${arg})`;
        }
      }
      default:
        return `(${expr(e.left)} ${e.kind} ${expr(e.right)})`;
    }
  };

  const condition = (c: Condition): string => {
    const not = 'negated' in c && c.negated ? 'NOT ' : '';
    switch (c.kind) {
      case 'compare': {
        const column = quoteName(c.column.name);
        const tested =
          c.linear === undefined ? column : `${c.linear.factor} * ${column} + (${c.linear.addend})`;
        return c.swapped
          ? `${literal(c.to)} ${SWAPPED[c.op]} ${tested}`
          : `${tested} ${c.op} ${literal(c.to)}`;
      }
      case 'between':
        return `${quoteName(c.column.name)} ${not}BETWEEN ${literal(c.low)} AND ${literal(c.high)}`;
      case 'in':
        return `${quoteName(c.column.name)} ${not}IN (${c.list.map(literal).join(', ')})`;
      case 'same':
        return `${quoteName(c.column.name)} IS ${c.negated ? '' : 'NOT '}DISTINCT FROM ${literal(c.to)}`;
      case 'isNull':
        return `${quoteName(c.column.name)} IS ${not}NULL`;
      case 'like': {
        const text = (value: string): string => literal({ type: 'text', value, form: c.form });
        const escape = c.escape === undefined ? '' : ` ESCAPE ${text(c.escape)}`;
        return `${quoteName(c.column.name)} ${not}LIKE ${text(c.pattern)}${escape}`;
      }
      case 'match': {
        const value = wordsText(c.words);
        return `MATCH(${quoteName(c.column.name)}, ${literal({ type: 'text', value, form: c.form })})`;
      }
      case 'bare':
        return quoteName(c.column.name);
      case 'constant':
        return c.sql;
      case 'not':
        return `NOT (${condition(c.arg)})`;
      case 'test':
        return `(${condition(c.arg)}) IS ${c.test}`;
      default:
        return c.args.map((arg) => `(${condition(arg)})`).join(` ${c.kind.toUpperCase()} `);
    }
  };

  const groupCondition = (c: GroupCondition): string => {
    switch (c.kind) {
      case 'compare':
        return `${expr(c.left)} ${c.op} ${expr(c.right)}`;
      case 'isNull':
        return `${expr(c.arg)} IS ${c.negated ? 'NOT ' : ''}NULL`;
      case 'not':
        return `NOT (${groupCondition(c.arg)})`;
      default:
        return c.args.map((arg) => `(${groupCondition(arg)})`).join(` ${c.kind.toUpperCase()} `);
    }
  };

  const output = query.output.map(
    ({ expr: e, alias }) => expr(e) + (alias === undefined ? '' : ` AS ${quoteName(alias)}`),
  );
  const parts = [`SELECT ${output.join(', ')} FROM ${table}`];
  if (query.where !== undefined) parts.push(`WHERE ${condition(query.where)}`);
  if (query.groupBy.length > 0) {
    parts.push(`GROUP BY ${query.groupBy.map(({ name }) => quoteName(name)).join(', ')}`);
  }
  if (query.having !== undefined) parts.push(`HAVING ${groupCondition(query.having)}`);
  if (query.orderBy.length > 0) {
    const items = query.orderBy.map(({ key, descending, nulls }) => {
      const by = typeof key === 'number' ? String(key + 1) : expr(key);
      return `${by}${descending ? ' DESC' : ''}${nulls === undefined ? '' : ` NULLS ${nulls}`}`;
    });
    parts.push(`ORDER BY ${items.join(', ')}`);
  }
  if (query.limit !== undefined) parts.push(`LIMIT ${query.limit}`);
  if (query.offset !== undefined) parts.push(`OFFSET ${parameter(query.offset)}`);
  return { sql: parts.join(' '), parameters };
}

const SWAPPED: Readonly<Record<Op, Op>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function textOf(l: Exclude<Literal, { type: 'null' }>): string {
  if (l.type === 'number') {
    return formatDigits(l.digits, l.scale);
  }
  if (l.type === 'date' || l.type === 'timestamp') {
    return formatValue(l.value, { type: l.type, scale: 0 });
  }
  return String(l.value);
}

/** digits / 10^scale with every one of its places. */
export function formatDigits(digits: bigint, scale: number): string {
  const all = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = all.slice(0, all.length - scale);
  return `${digits < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${all.slice(-scale)}`}`;
}
