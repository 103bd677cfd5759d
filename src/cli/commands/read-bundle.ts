import { OpalineError } from '../../errors/opaline-error.ts';
import type { ToolBundle } from '../../policy/tool/bundle.ts';
import { notice } from '../report.ts';
import { readInput } from './read-input.ts';

/** A tool's bundle out of its file (- is stdin). @throws INPUT_NOT_FOUND, TOOL_INVALID */
export async function readBundleFile(file: string): Promise<ToolBundle> {
  const { readBundle } = await import('../../policy/tool/bundle.ts');
  const text = await readInput(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new OpalineError('TOOL_INVALID', { path: 'bundle', reason: 'not JSON' });
  }
  const read = readBundle(json);
  if ('bundle' in read) return read.bundle;
  const { path, reason } = read.issues[0]!;
  for (const other of read.issues.slice(1)) notice(`${other.path}: ${other.reason}`);
  throw new OpalineError('TOOL_INVALID', { path, reason });
}
