import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { OpalineError } from '../../errors/opaline-error.ts';

/** The text of a file, or of stdin for "-". Throws INPUT_NOT_FOUND. */
export async function readInput(path: string): Promise<string> {
  const content =
    path === '-'
      ? await text(process.stdin)
      : await readFile(path, 'utf8').catch((cause: unknown) => {
          throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
        });
  return content.replace(/^\ufeff/, '');
}
