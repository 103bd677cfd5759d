import type { Column } from '../../table/schema.ts';
import { formatValue } from '../../table/value-text.ts';
import { invalidValue, type ColumnSink } from './column-sink.ts';
import type { Page } from './parquet-page.ts';
import type { ParquetColumn, ParquetValue } from './parquet-types.ts';

/** Walks the pages of a Parquet column and puts their cells into a column of a table. */
export class PageCursor {
  private readonly target: Column;
  private readonly source: ParquetColumn;
  private readonly pages: AsyncIterator<Page>;
  /** Cells go over as they are; otherwise as text, which the table's column then reads. */
  private readonly direct: boolean;
  private page: Page = { rows: 0, valid: undefined, values: [], index: undefined };
  /** Cells of the page behind us, and how many of them are not NULL. */
  private row = 0;
  private value = 0;
  private line = 1;

  constructor(target: Column, source: ParquetColumn, pages: AsyncIterator<Page>) {
    this.target = target;
    this.source = source;
    this.pages = pages;
    this.direct = sameForm(source, target);
  }

  /** Puts the next `count` cells. Throws what the pages and the sink throw. */
  async put(sink: ColumnSink, count: number): Promise<void> {
    while (count > 0) {
      if (this.row === this.page.rows) {
        const next = await this.pages.next();
        // `pages` counts rows: it cannot end early.
        this.page = next.value as Page;
        this.row = 0;
        this.value = 0;
        continue;
      }
      const part = Math.min(count, this.page.rows - this.row);
      this.putPart(sink, part);
      count -= part;
    }
  }

  private putPart(sink: ColumnSink, count: number): void {
    const { valid, values, index } = this.page;
    const { direct } = this;
    for (const end = this.row + count; this.row < end; this.row++, this.line++) {
      if (valid !== undefined && valid[this.row] === 0) {
        sink.null(this.line);
        continue;
      }
      const cell = values[index === undefined ? this.value : index[this.value]!]!;
      this.value++;
      this.check(cell);
      if (direct) sink.value(cell, this.line);
      else sink.text(this.text(cell), this.line);
    }
  }

  /** Dates and timestamps are of the years that their text can write. */
  private check(cell: ParquetValue): void {
    const { type } = this.source;
    // A timestamp that is a number is within 285 years of 1970, or the NaN that no sink takes.
    const outside =
      type === 'date'
        ? !((cell as number) >= FIRST_DAY && (cell as number) <= LAST_DAY)
        : type === 'timestamp' &&
          typeof cell === 'bigint' &&
          (cell < FIRST_MICRO || cell > LAST_MICRO);
    if (outside) throw invalidValue(this.target, this.line);
  }

  private text(cell: ParquetValue): string {
    if (Number.isNaN(cell)) throw invalidValue(this.target, this.line);
    return cellText(this.source, cell);
  }
}

/** The text of a cell that is not NaN: `parseValue` under the column's own type gives the cell back. */
export function cellText(source: ParquetColumn, cell: ParquetValue): string {
  if (typeof cell === 'string' || source.type === 'real') return String(cell);
  return formatValue(BigInt(cell), source);
}

const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;
const FIRST_MICRO = BigInt(FIRST_DAY) * 86_400_000_000n;
const LAST_MICRO = BigInt(LAST_DAY + 1) * 86_400_000_000n - 1n;

function sameForm(source: ParquetColumn, target: Column): boolean {
  if (source.type === 'text') return target.type === 'text' || target.type === 'document';
  return kind(source) === kind(target) && source.scale === target.scale;
}

function kind({ type, scale }: Pick<Column, 'type' | 'scale'>): string {
  return type === 'decimal' && scale === 0 ? 'integer' : type;
}
