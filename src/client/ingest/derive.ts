import type { Schema } from '../../table/schema.ts';
import type { Batch, ColumnData } from '../../table/value.ts';
import { multiplyColumns } from '../seal/product.ts';

/** The batches of an input with the schema's derived columns computed, row by row. */
export async function* deriveColumns(
  schema: Schema,
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Batch, void, undefined> {
  const places = new Map(schema.columns.map(({ name }, i) => [name, i]));
  const products = schema.columns.flatMap(({ derived }) =>
    derived === undefined ? [] : [derived.map((name) => places.get(name)!)],
  );
  for await (const batch of batches) {
    if (products.length === 0) {
      yield batch;
      continue;
    }
    const columns = [...batch.columns];
    for (const factors of products) columns.push(product(factors.map((place) => columns[place]!)));
    yield { rows: batch.rows, columns };
  }
}

/** The product of at least two columns, NULL where one of them is. */
function product([first, ...rest]: readonly ColumnData[]): ColumnData {
  return rest.reduce((left, right) => {
    const { values } = multiplyColumns([left, right]);
    const valid = left.valid.map((flag, row) => flag & right.valid[row]!);
    return values instanceof Float64Array
      ? { kind: 'int', values, valid }
      : { kind: 'big', values: [...values], valid };
  }, first!);
}
