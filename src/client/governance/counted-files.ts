import type { OpenFolder } from '../local/vault-host.ts';
import { assessmentCount, type Counting } from './file-counts.ts';
import type { GovernanceFiles } from './governance-files.ts';
import type { IncidentFiles } from './incident/files.ts';

/** The files of a governance whose older copies are noticed by what the audit log says, by the names it says them by. */
export function countedFiles(
  folder: Pick<OpenFolder, 'path' | 'secrets'>,
  files: GovernanceFiles,
  { incidents, subjects }: IncidentFiles,
): Readonly<Record<string, Counting>> {
  return {
    ...files,
    assessment: assessmentCount(folder),
    incidents: incidents.optional(),
    subjects: subjects.optional(),
  };
}
