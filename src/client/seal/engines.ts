import type { ProductEngine, SecretEngine } from '../../engine/engine.ts';
import { multipliedColumns, type Schema } from '../../table/schema.ts';

/** What a segment is encrypted with. */
export interface SealEngines {
  readonly sum: SecretEngine;
  /** For columns that are multiplied; absent where the schema has none. */
  readonly product?: ProductEngine;
}

/** Where they come from: each is made when first needed. */
export interface EngineSource {
  sum(): Promise<SecretEngine>;
  product(): Promise<ProductEngine>;
}

/** The engines that a table's segments take. */
export async function enginesFor(schema: Schema, source: EngineSource): Promise<SealEngines> {
  const sum = await source.sum();
  return multipliedColumns(schema).length === 0
    ? { sum }
    : { sum, product: await source.product() };
}
