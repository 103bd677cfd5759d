import { keyedHmac } from '../../bytes/hash.ts';
import { Writer } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { TAG_BYTES } from '../../gate/pages.ts';
import type { ConditionNode, Operand } from '../../plan/query/nodes.ts';
import type { Predicate } from '../../plan/physical.ts';
import { canonicalBytes } from '../../table/canonical.ts';
import type { Column, Schema } from '../../table/schema.ts';
import type { Value } from '../../table/value.ts';

/** The schema's key columns with their places. Throws CAPABILITY_MISSING for a schema without a key. */
export function keyColumns(schema: Schema): { readonly column: Column; readonly place: number }[] {
  if (schema.key === undefined) {
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'a key',
      column: `"${schema.table}"`,
      needs: '"key" in the schema, the column or columns that tell its rows apart',
    });
  }
  return schema.key.map((name) => {
    const place = schema.columns.findIndex((column) => column.name === name);
    return { column: schema.columns[place]!, place };
  });
}

/** That a row has the value that a key's columns are given: one value, or an object of theirs. */
export function keyConditions(schema: Schema, key: unknown): ConditionNode[] {
  const columns = keyColumns(schema);
  const [only] = columns;
  const named =
    columns.length > 1
      ? (key as Readonly<Record<string, unknown>> | null)
      : { [only!.column.name]: key };
  if (typeof named !== 'object' || named === null) throw incomplete(schema);
  const given = Object.keys(named);
  if (given.length !== columns.length) throw incomplete(schema);
  return columns.map(({ column: { name } }) => {
    if (!Object.hasOwn(named, name)) throw incomplete(schema);
    const operand = named[name];
    if (operand === null || operand === undefined) throw incomplete(schema);
    return { kind: 'comparison', column: name, operator: '=', operand: operand as Operand };
  });
}

function incomplete({ key, table }: Schema): OpalineError {
  const reason = `a key of table "${table}" has a value for each of ${key!.join(', ')}`;
  return new OpalineError('TYPE_MISMATCH', { reason });
}

/** True of rows that have the key of one of some rows. */
export function haveKeys(schema: Schema, rows: readonly (readonly Value[])[]): Predicate {
  const columns = keyColumns(schema);
  const args = rows.map((row): Predicate => {
    const equal = columns.map(({ column, place }): Predicate => ({
      kind: 'equals',
      column: column.name,
      value: row[place]!,
    }));
    return equal.length === 1 ? equal[0]! : { kind: 'and', args: equal };
  });
  return args.length === 1 ? args[0]! : { kind: 'or', args };
}

/** A text that two rows share if and only if they have one key; rows without a key share none. */
export function keyTextOf(schema: Schema): (row: readonly Value[]) => string {
  const places = keyColumns(schema).map(({ place }) => place);
  return (row) => JSON.stringify(places.map((place) => String(row[place])));
}

/**
 * A pseudorandom value of a row's key; in a table without a key, of all its cells. Rows are put in the
 * order of it, which says nothing of their values.
 */
export function rowTags(schema: Schema, key: Uint8Array): (row: readonly Value[]) => Uint8Array {
  const mac = keyedHmac(key);
  const places =
    schema.key === undefined
      ? schema.columns.map((_, place) => place)
      : keyColumns(schema).map(({ place }) => place);
  return (row) => {
    const writer = new Writer();
    for (const place of places) {
      const cell = row[place]!;
      if (cell === null) writer.u8(0);
      else writer.u8(1).bytes(canonicalBytes(cell, schema.columns[place]!.type));
    }
    return mac(writer.finish()).slice(0, TAG_BYTES);
  };
}
