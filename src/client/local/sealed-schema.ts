import { verifiedSchema } from '../../table/schema-json.ts';
import type { Schema } from '../../table/schema.ts';
import type { OpenFolder } from './vault-host.ts';

/** The schema that a vault's tables are to have: where answers are verified, one of segments that can be. */
export async function sealedSchema(
  { release }: Pick<OpenFolder, 'release'>,
  schema: Schema,
): Promise<Schema> {
  return (await release?.isVerified()) === true ? verifiedSchema(schema) : schema;
}
