import { OpalineError } from '../../errors/opaline-error.ts';
import type { Schema } from '../../table/schema.ts';

/**
 * Throws SCHEMA_MISMATCH unless the rows of a table are as a schema's type says: the same columns of the same
 * types and scales, NULL only where the schema expects it, and the same key and subject. What else a schema
 * declares is between the table and who made it.
 */
export function checkShape(table: Schema, declared: Schema): void {
  same(keyOf(table), keyOf(declared), 'the key');
  same(table.subject ?? 'none', declared.subject ?? 'none', 'the subject');
  const names = ({ columns }: Schema): string => columns.map(({ name }) => name).join(', ');
  same(names(table), names(declared), 'the columns');
  for (const [i, column] of table.columns.entries()) {
    const other = declared.columns[i]!;
    same(`${column.type} ${column.scale}`, `${other.type} ${other.scale}`, `"${column.name}"`);
    if (column.nullable && !other.nullable) {
      throw new OpalineError('SCHEMA_MISMATCH', { reason: `column "${column.name}" is nullable` });
    }
  }
}

const keyOf = ({ key }: Schema): string => key?.join(', ') ?? 'none';

function same(found: string, declared: string, what: string): void {
  if (found === declared) return;
  const reason = `${what}: ${found} in the table, ${declared} in the program`;
  throw new OpalineError('SCHEMA_MISMATCH', { reason });
}
