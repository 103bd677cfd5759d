import type { OpenTable } from '../../../gate/open-table.ts';
import { LOCAL_STORE } from '../../../policy/assessment/checks.ts';
import type { Processor } from '../../../policy/assessment/context.ts';
import { scopeHash } from '../../../policy/assessment/scope.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { schemaToJson } from '../../../table/schema-json.ts';

/** The hash of what is assessed now, 32 bytes. */
export function scopeOf(
  tables: readonly OpenTable[],
  policy: PolicyDocument | undefined,
  processors: readonly Processor[],
  store: string,
): Uint8Array {
  return scopeHash({
    schemas: tables.map(({ schema }) => schemaToJson(schema)),
    purposes: policy?.purposes ?? {},
    processors,
    store: storeName(store),
  });
}

/** Who holds the ciphertexts, as far as an address says: a folder of this machine, or an origin. */
export function storeName(address: string): string {
  return /^https?:\/\//i.test(address) ? new URL(address).origin : LOCAL_STORE;
}
