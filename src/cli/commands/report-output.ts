import { extname } from 'node:path';
import { Option } from 'commander';
import { utf8 } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';

/** What a report is written as. */
export type ReportFormat = 'html' | 'markdown' | 'json';

export interface ReportOutput {
  readonly format?: ReportFormat;
  /** A file; absent: stdout. */
  readonly out?: string;
}

export const reportFormatOption = (): Option =>
  new Option('--format <format>', 'default: by the name of --out, else markdown').choices([
    'html',
    'markdown',
    'json',
  ]);

/** @throws USAGE for a file whose name says no format */
export function reportFormatOf({ format, out }: ReportOutput): ReportFormat {
  if (format !== undefined) return format;
  if (out === undefined) return 'markdown';
  const known = BY_ENDING[extname(out).toLowerCase()];
  if (known !== undefined) return known;
  throw new OpalineError('USAGE', {
    reason: 'pass --format, or a name for --out that ends in .html, .md or .json',
  });
}

const BY_ENDING: Readonly<Record<string, ReportFormat>> = {
  '.html': 'html',
  '.htm': 'html',
  '.md': 'markdown',
  '.json': 'json',
};

/** Print a report, or write it to a file, whole, and print the file's name. @throws STORE_IO */
export async function writeReport(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) return await print(text);
  const { writeAtomic } = await import('../../client/local/atomic-file.ts');
  await writeAtomic(out, utf8(text));
  await print(`${oneLine(out)}\n`);
}
