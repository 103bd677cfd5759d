import { z } from 'zod';

/** What a query's result is to look like. */
export interface OutputShape {
  readonly columns: readonly { readonly name: string; readonly type: CellType }[];
  /** At most. */
  readonly rows: number;
}

const CELL_TYPES = ['number', 'text', 'boolean'] as const;
export type CellType = (typeof CELL_TYPES)[number];

export const outputForm: z.ZodType<OutputShape> = z.strictObject({
  columns: z
    .array(z.strictObject({ name: z.string().min(1).max(200), type: z.enum(CELL_TYPES) }))
    .min(1)
    .max(1000),
  rows: z.int().min(1).max(1_000_000),
});

/** A result (plan/result.ts). */
export interface ShapedResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

/** Cells of a result of a shape, at most. */
export const mostCellsOf = ({ columns, rows }: OutputShape): number => columns.length * rows;

/** How a result is not of its shape, in words without any of its values; undefined: it is. */
export function shapeProblem(
  shape: OutputShape,
  { columns, rows }: ShapedResult,
): string | undefined {
  const names = shape.columns.map((column) => column.name);
  if (JSON.stringify(names) !== JSON.stringify(columns)) {
    return `its columns are ${columns.map((one) => `"${one}"`).join(', ')}`;
  }
  if (rows.length > shape.rows) return `it has ${rows.length} rows, more than ${shape.rows}`;
  const wrong = shape.columns.find(({ type }, i) =>
    rows.some((row) => row[i] !== null && !isOf(type, row[i])),
  );
  return wrong && `"${wrong.name}" is not of the type ${wrong.type}`;
}

/** Exact numbers are texts. */
const NUMBER = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/;

function isOf(type: CellType, cell: unknown): boolean {
  switch (type) {
    case 'number':
      return typeof cell === 'number' || (typeof cell === 'string' && NUMBER.test(cell));
    case 'text':
      return typeof cell === 'string';
    case 'boolean':
      return typeof cell === 'boolean';
    default:
      return type satisfies never;
  }
}
