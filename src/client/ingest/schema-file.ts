import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OpalineError } from '../../errors/opaline-error.ts';
import { parseSchema } from '../../table/schema-json.ts';
import type { Schema } from '../../table/schema.ts';

const PROGRAMS = ['.ts', '.mts', '.js', '.mjs'];
const MAX_BYTES = 1 << 22;

/**
 * The schema in a file: JSON, or a module that exports `schema`, which runs only with `trust`.
 *
 * Throws INPUT_NOT_FOUND, SCHEMA_UNTRUSTED, SCHEMA_INVALID and what `parseSchema` throws.
 */
export async function loadSchemaFile(
  path: string,
  { trust }: { readonly trust: boolean },
): Promise<Schema> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  });
  if (PROGRAMS.includes(extname(path).toLowerCase())) {
    if (!trust) throw new OpalineError('SCHEMA_UNTRUSTED', { path });
    return parseSchema(await runSchema(path));
  }
  if (bytes.length > MAX_BYTES || !isUtf8(bytes)) throw invalid('the file is not JSON text');
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString().replace(/^\ufeff/, ''));
  } catch (cause) {
    throw invalid('the file is not JSON', cause);
  }
  return parseSchema(json);
}

async function runSchema(path: string): Promise<unknown> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw invalid('the program failed', cause);
  }
  if (!Object.hasOwn(module, 'schema')) throw invalid('the program exports no "schema"');
  return module['schema'];
}

function invalid(reason: string, cause?: unknown): OpalineError {
  return new OpalineError('SCHEMA_INVALID', { path: 'schema', reason }, { cause });
}
