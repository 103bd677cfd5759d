import type { Plan, Predicate } from '../../../plan/physical.ts';
import { formatDecimal } from '../../../table/decimal-text.ts';
import type { Column, Schema } from '../../../table/schema.ts';
import type { Value } from '../../../table/value.ts';

type Cell = string | number;

const DAY_MS = 86_400_000;

/** What plans compare columns with, as cells of an input: rows that have it are found by them. */
export function wantedValues(
  plans: readonly Plan[],
  schema: Schema,
): ReadonlyMap<string, readonly Cell[]> {
  const found = new Map<string, Set<Cell>>();
  const add = (name: string, value: NonNullable<Value>): void => {
    const column = schema.columns.find((one) => one.name === name);
    if (column === undefined || !isWithin(column, value)) return;
    const values = found.get(name) ?? new Set();
    found.set(name, values.add(cellOf(column, value)));
  };
  const visit = (predicate: Predicate): void => {
    switch (predicate.kind) {
      case 'equals':
        return add(predicate.column, predicate.value);
      case 'keyword':
        return add(predicate.column, predicate.keyword);
      case 'range':
        for (const end of [predicate.low, predicate.high]) {
          if (end !== undefined) add(predicate.column, end.value);
        }
        return;
      case 'and':
      case 'or':
        predicate.args.forEach(visit);
        return;
      case 'not':
        return visit(predicate.arg);
      case 'constant':
      case 'isNull':
      case 'like':
        return;
      default:
        predicate satisfies never;
    }
  };
  for (const { filter } of plans) visit(filter);
  return new Map([...found].map(([name, values]) => [name, [...values].slice(0, MOST_VALUES)]));
}

/** Of a column. */
const MOST_VALUES = 64;

function isWithin({ range }: Column, value: NonNullable<Value>): boolean {
  if (range === undefined || typeof value !== 'bigint') return true;
  return range[0] <= value && value <= range[1];
}

function cellOf({ type, scale }: Column, value: NonNullable<Value>): Cell {
  if (typeof value !== 'bigint') return value;
  switch (type) {
    case 'boolean':
      return value === 1n ? 'true' : 'false';
    case 'date':
      return new Date(Number(value) * DAY_MS).toISOString().slice(0, 10);
    case 'timestamp': {
      const micros = ((value % 1000n) + 1000n) % 1000n;
      const instant = new Date(Number((value - micros) / 1000n)).toISOString();
      return `${instant.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
    }
    default:
      return formatDecimal({ digits: value, scale });
  }
}
