import { MAX_SCALE } from '../../table/schema-json.ts';
import type { Schema } from '../../table/schema.ts';
import type { ValueFormat } from '../../table/value-text.ts';
import { ColumnGuess } from './column-guess.ts';
import { type InferOptions, schemaOf } from './infer-text.ts';
import { cellText } from './page-cursor.ts';
import type { Page } from './parquet-page.ts';
import type { ParquetColumn } from './parquet-types.ts';
import { openParquet, type ParquetFile } from './parquet.ts';

/**
 * The schema of a Parquet file, from its footer; floats, text and decimals of more than 18 places are read.
 * A float column is integer or decimal if that is how all its values print, else real.
 */
export async function inferParquet(file: ParquetFile, options: InferOptions): Promise<Schema> {
  await using reader = await openParquet(file, options.signal);
  const { columns } = reader;
  const guesses = columns.map(({ type }) => new ColumnGuess(type === 'text' ? 'text' : 'none'));
  const open = columns.flatMap((column, i) => (known(column) ? [] : [i]));
  let cells = 0;
  for (const i of open) {
    for await (const page of reader.pages(i)) {
      observePage(guesses[i]!, columns[i]!, page);
      cells += page.rows;
      options.onProgress?.(Math.floor(cells / open.length), cells / (open.length * reader.rows));
    }
  }
  const results = columns.map((column, i): readonly [string, ValueFormat] => {
    const guess = guesses[i]!.result();
    if (!known(column)) {
      const empty = column.type === 'real' && guess.type === 'text';
      return [column.name, empty ? { type: 'real', scale: 0 } : guess];
    }
    const whole = column.type === 'decimal' && column.scale === 0;
    return [column.name, whole ? { type: 'integer', scale: 0 } : column];
  });
  return schemaOf(file.path, results, options);
}

function observePage(guess: ColumnGuess, column: ParquetColumn, { values, index }: Page): void {
  const times = index && new Uint32Array(values.length);
  if (times !== undefined) for (const entry of index!) times[entry]!++;
  for (let i = 0; i < values.length; i++) {
    const cell = values[i]!;
    const count = times?.[i] ?? 1;
    const none = typeof cell === 'number' && !Number.isFinite(cell);
    if (count > 0 && !none) guess.observe(cellText(column, cell), false, count);
  }
}

/** True where the footer tells our type. */
function known({ type, scale }: ParquetColumn): boolean {
  return type !== 'real' && type !== 'text' && scale <= MAX_SCALE;
}
