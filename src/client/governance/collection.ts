import { OpalineError } from '../../errors/opaline-error.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch, ColumnData } from '../../table/value.ts';

/** What of a policy says what may be collected for a table. */
export interface Collection {
  readonly policy: PolicyDocument;
  /** A processor whose qualification has expired: what it is given is not collected. */
  readonly expired?: string | undefined;
  /** Subjects that were ever told of one of these purposes. */
  notified(purposes: ReadonlySet<string>): Promise<ReadonlySet<string>>;
}

/**
 * Rows that may be collected, as they come: the schema has no column but those that a purpose needs, the subject and
 * the key, every row is of a subject that was notified of a purpose of the table, and whoever holds it is qualified.
 * @throws NOT_COLLECTED; nothing of the batch with such a row is passed on
 */
export async function* collectable(
  schema: Schema,
  batches: AsyncIterable<Batch>,
  { policy, expired, notified }: Collection,
): AsyncGenerator<Batch> {
  const { table, subject } = schema;
  const purposes = Object.entries(policy.purposes).filter(([, one]) => one.table === table);
  const refuse = (reason: string): never => {
    throw new OpalineError('NOT_COLLECTED', { table, reason });
  };
  if (expired !== undefined) refuse(`the qualification of the processor "${expired}" expired`);
  if (purposes.length === 0) refuse('no purpose of the policy is of it');
  const needed = new Set(purposes.flatMap(([, { fields }]) => fields));
  const columns = schema.columns.filter(
    ({ name }) => !needed.has(name) && name !== subject && schema.key?.includes(name) !== true,
  );
  if (columns.length > 0) {
    refuse(`no purpose needs ${columns.map(({ name }) => `"${name}"`).join(', ')}`);
  }
  const asksConsent = purposes.some(([, { consent }]) => consent !== null);
  const column = schema.columns.findIndex(({ name }) => name === subject);
  if (asksConsent && column === -1) refuse('its schema names no subject');
  const known = await notified(new Set(purposes.map(([name]) => name)));
  for await (const batch of batches) {
    if (asksConsent) {
      const cells = batch.columns[column]!;
      for (let row = 0; row < batch.rows; row++) {
        const name = textOf(cells, row);
        if (name === undefined || !known.has(name)) {
          refuse('a row is of nobody, or of somebody who was not notified');
        }
      }
    }
    yield batch;
  }
}

function textOf(cells: ColumnData, row: number): string | undefined {
  return cells.valid[row] === 0 ? undefined : String(cells.values[row]);
}
