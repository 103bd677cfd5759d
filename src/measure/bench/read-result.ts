import { readFile } from 'node:fs/promises';
import { OpalineError } from '../../errors/opaline-error.ts';
import { checkedResult } from './result-schema.ts';
import type { BenchResult } from './result.ts';

/**
 * A result from its JSON file, checked whole (result-schema.ts).
 * @throws INPUT_NOT_FOUND, INPUT_MALFORMED, VERSION_UNSUPPORTED
 */
export async function readResult(path: string): Promise<BenchResult> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new OpalineError('INPUT_MALFORMED', { line: 0, reason: 'it is not JSON' }, { cause });
  }
  return parseResult(json);
}

/** @throws INPUT_MALFORMED, VERSION_UNSUPPORTED */
export function parseResult(json: unknown): BenchResult {
  return checkedResult(json, (reason) => new OpalineError('INPUT_MALFORMED', { line: 0, reason }));
}
