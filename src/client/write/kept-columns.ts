import { isAggregated, multipliedColumns, type Schema, scoredColumns } from '../../table/schema.ts';
import type { SegmentMeta } from '../../table/segment-meta.ts';
import type { SegmentEntry } from '../../table/manifest.ts';
import { storedProducts } from '../seal/product.ts';
import type { KeptParts } from '../seal/segment.ts';

/** Whether a segment has just the ciphertext columns that one made of the schema would have. */
export function hasColumnsOf(meta: SegmentMeta, schema: Schema): boolean {
  return (
    sameItems(
      meta.products.map(({ factors }) => factors),
      storedProducts(schema),
    ) &&
    sameItems(
      meta.factors.map(({ column }) => column),
      multipliedColumns(schema),
    ) &&
    sameItems(
      (meta.reals ?? []).map(({ column }) => column),
      scoredColumns(schema),
    ) &&
    sameItems(
      (meta.groups ?? []).flatMap(({ column, products }) =>
        products.flatMap(({ factors, notNull }) =>
          notNull === undefined ? [[column, factors]] : [],
        ),
      ),
      groupedProducts(schema),
    )
  );
}

/**
 * The ciphertext columns of such a segment, and what they are: without those that verify sums where the schema asks for
 * none. They come last.
 */
export function keptColumns(
  entry: Pick<SegmentEntry, 'columns' | 'deleted'>,
  { checks, ...meta }: SegmentMeta,
  { verified }: Schema,
): KeptParts {
  const { columns, deleted } = entry;
  if (checks === undefined || verified === true) {
    return { columns, meta: { ...meta, ...(checks && { checks }) }, deleted };
  }
  return { columns: columns.slice(0, checks.first), meta, deleted };
}

/** What is summed by each private group: its rows, every numeric column, and the products declared. */
function groupedProducts({ columns, groupBy }: Schema): [column: number, factors: number[]][] {
  const place = (name: string): number => columns.findIndex((column) => column.name === name);
  const numeric = columns.flatMap((column, i) => (isAggregated(column) ? [[i]] : []));
  return groupBy.flatMap(({ column, products }) =>
    [[], ...numeric, ...products.map((pair) => pair.map(place))].map(
      (factors): [number, number[]] => [place(column), factors],
    ),
  );
}

function sameItems(found: readonly unknown[], wanted: readonly unknown[]): boolean {
  const texts = (items: readonly unknown[]): string =>
    items
      .map((item) => JSON.stringify(item))
      .sort()
      .join();
  return texts(found) === texts(wanted);
}
