import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { csvFiles } from './csv-files.ts';
import { reportPage } from './page.ts';
import { pictures } from './pictures.ts';
import { pngRenderer } from './png.ts';
import { readResult } from './read-result.ts';

const PAGE = 'report.html';
const COPY = 'result.json';

/**
 * Writes a result’s report into a folder, which is made where it is not there: report.html, pictures as PNG (as SVG
 * where png.ts’ packages are missing), tables as CSV, and a copy of the result. Files of these names are replaced.
 * @param json the result’s text
 * @returns the names of the files
 * @throws what readResult throws, OUTPUT_FAILED, ABORTED
 */
export async function writeReport(
  json: string,
  folder: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const result = readResult(json);
  await written(() => mkdir(folder, { recursive: true }));
  const tables = csvFiles(result);
  const drawn = pictures(result);
  const png = await pngRenderer();
  const ending = png === null ? 'svg' : 'png';
  const files = [COPY, ...tables.keys(), ...[...drawn.keys()].map((name) => `${name}.${ending}`)];
  const write = (name: string, content: string | Uint8Array): Promise<unknown> => {
    if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
    return written(() => writeFile(join(folder, name), content));
  };
  await write(COPY, json);
  for (const [name, text] of tables) await write(name, text);
  for (const [name, svg] of drawn) {
    await write(`${name}.${ending}`, png === null ? svg : png(svg));
  }
  await write(PAGE, reportPage(result, files));
  return [PAGE, ...files];
}

async function written<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new OpalineError('OUTPUT_FAILED', { reason: systemCode(cause) }, { cause });
  }
}
