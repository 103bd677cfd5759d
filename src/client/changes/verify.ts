import { OpalineError } from '../../errors/opaline-error.ts';
import type { RotateOptions, RotateReport } from '../api.ts';
import type { ChangeHost } from './host.ts';
import { reindexTable } from './rotate.ts';

/**
 * From now on, and of every table that there is: segments that answers are verified by (Vault.verify).
 * @throws NOT_YET_AVAILABLE in a page
 */
export async function verifyTables(
  host: ChangeHost,
  options: Omit<RotateOptions, 'columns'>,
): Promise<readonly RotateReport[]> {
  const { release } = host.folder;
  if (release === undefined) {
    throw new OpalineError('NOT_YET_AVAILABLE', { feature: 'verified answers in a page' });
  }
  const tables = await host.write(async () => {
    await release.verify();
    return await host.known.load('locked');
  });
  const reports: RotateReport[] = [];
  for (const { schema, pending } of tables) {
    if (schema.verified === true) continue;
    reports.push(await reindexTable(host, pending?.schema ?? schema, options));
  }
  return reports;
}
