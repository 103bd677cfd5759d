import { OpalineError } from '../../errors/opaline-error.ts';
import { keywordCount } from '../../search/build/documents.ts';
import { MAX_KEYWORDS } from '../../search/iex/size.ts';
import { BEYOND_LIMIT, hasCode } from '../../search/ore/ordinal.ts';
import { planTag } from '../../search/tag/bits.ts';
import { SEGMENT_ROWS } from '../../table/manifest.ts';
import type { Schema } from '../../table/schema.ts';
import { indexOf } from '../../table/search-index.ts';
import type { Batch, ColumnData } from '../../table/value.ts';

/**
 * The same batches; refuses them where a column's values are none that its index may have. A number that `ore` has no
 * code for is refused whenever it comes, and so is a document of more keywords than `iex` can pair. Whether `tag` suits
 * a column is asked of a new table's first segment: what is appended later may be of any distribution, and gets shorter
 * tags (bits.ts).
 * @param created whether the table is made of the batches
 * @throws CAPABILITY_MISSING naming the column, what it lacks, and an index that does without
 */
export async function* limitIndexes(
  schema: Schema,
  created: boolean,
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Batch> {
  const numbered = columnsWith(schema, 'ore');
  const tagged = created ? columnsWith(schema, 'tag').map((at) => new TagCount(schema, at)) : [];
  const paired = columnsWith(schema, 'iex');
  for await (const batch of batches) {
    for (const at of paired) requirePairs(schema, at, batch.columns[at]!);
    for (const at of numbered) requireCodes(schema, at, batch.columns[at]!);
    for (const count of tagged) count.add(batch.columns[count.column]!);
    yield batch;
  }
  for (const count of tagged) count.finish();
}

function columnsWith(schema: Schema, rung: 'tag' | 'ore' | 'iex'): number[] {
  return schema.columns.flatMap((column, i) => (indexOf(column, rung) === undefined ? [] : [i]));
}

function requireCodes(schema: Schema, at: number, column: ColumnData): void {
  if (column.kind !== 'big') return;
  if (column.values.some((value) => !hasCode(value, 'whole'))) {
    throw refused(schema, at, 'an ore index', BEYOND_LIMIT);
  }
}

/** Segments are cut where they have too many pairs of keywords (segment-batches.ts), which a document cannot be. */
function requirePairs(schema: Schema, at: number, { kind, values, valid }: ColumnData): void {
  if (kind !== 'text') return;
  const { tokens } = schema.columns[at]!;
  for (const [row, text] of values.entries()) {
    if (valid[row] === 0 || keywordCount(text, tokens!) <= MAX_KEYWORDS) continue;
    const most = `documents of at most ${MAX_KEYWORDS} distinct keywords`;
    throw refused(schema, at, 'an iex index', `${most}: declare "mitra" or "sse"`);
  }
}

/** Counts the values of a column in a table's first segment. */
class TagCount {
  readonly column: number;
  private readonly schema: Schema;
  private readonly counts = new Map<string | number | bigint | null, number>();
  private rows = 0;
  private judged = false;

  constructor(schema: Schema, column: number) {
    this.schema = schema;
    this.column = column;
  }

  add({ values, valid }: ColumnData): void {
    for (let i = 0; i < valid.length && this.rows < SEGMENT_ROWS; i++, this.rows++) {
      const value = valid[i] === 0 ? null : values[i]!;
      this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
    }
    if (this.rows === SEGMENT_ROWS) this.finish();
  }

  finish(): void {
    if (this.judged || this.rows === 0) return;
    this.judged = true;
    const { schema, column, rows, counts } = this;
    let mode = 0;
    for (const count of counts.values()) mode = Math.max(mode, count);
    const asked = indexOf(schema.columns[column]!, 'tag')!.bits;
    const plan = planTag({ rows, distinct: counts.size, mode }, asked);
    counts.clear();
    if ('refused' in plan) throw refused(schema, column, 'a tag index', plan.refused);
  }
}

function refused(schema: Schema, at: number, operation: string, needs: string): OpalineError {
  const column = `"${schema.columns[at]!.name}"`;
  return new OpalineError('CAPABILITY_MISSING', { operation, column, needs });
}
