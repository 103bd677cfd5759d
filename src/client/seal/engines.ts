import type {
  CheckEngine,
  ProductEngine,
  PublicCheckEngine,
  PublicKeyEngine,
  RealEngine,
  SecretEngine,
} from '../../engine/engine.ts';
import type { Checker } from './check-columns.ts';
import { multipliedColumns, type Schema, scoredColumns } from '../../table/schema.ts';

/** What a segment is encrypted with. */
export interface SealEngines {
  readonly sum: SecretEngine | PublicKeyEngine;
  /** For columns that are multiplied; absent where the schema has none. */
  readonly product?: ProductEngine;
  /** For columns that rows are scored by; absent where the schema has none. */
  readonly real?: RealEngine;
  /** For columns that verify sums; absent where the schema has none. */
  readonly check?: Checker;
}

/** Where they come from: each is made when first needed. */
export interface EngineSource {
  sum(): Promise<SecretEngine>;
  product(): Promise<ProductEngine>;
  real(): Promise<RealEngine>;
  /** Of a divided key: encrypts, and cannot decrypt. @throws KEY_MISSING where the vault has none */
  divided(): Promise<PublicKeyEngine>;
  check(): Promise<CheckEngine>;
  /** Of the columns that verify sums under the divided key. @throws KEY_MISSING likewise */
  dividedCheck(): Promise<PublicCheckEngine>;
  /** What check columns are made of, whosever key they are under: 32 bytes, of keys/secret.ts. */
  checkSecret(): Uint8Array;
}

/** The engines that a table's segments take. */
export async function enginesFor(schema: Schema, source: EngineSource): Promise<SealEngines> {
  const divided = schema.custody === 'divided';
  return {
    sum: divided ? await source.divided() : await source.sum(),
    ...(multipliedColumns(schema).length > 0 && { product: await source.product() }),
    ...(scoredColumns(schema).length > 0 && { real: await source.real() }),
    ...(schema.verified === true && {
      check: {
        engine: divided ? await source.dividedCheck() : await source.check(),
        secret: source.checkSecret(),
      },
    }),
  };
}
