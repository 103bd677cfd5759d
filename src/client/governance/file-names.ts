import { isLogFile } from '../../audit/log-paths.ts';

/** Below a vault's folder: what a vault with a policy keeps beside its keys. */
export const GOVERNANCE = 'governance';
/** Below that, the audit log. */
export const LOG_FOLDER = 'log';

/** The sealed files (governance-files.ts), and what a log has from its beginning. */
const ALWAYS = [
  'officers.opal',
  'principals.opal',
  'consent.opal',
  'uses.opal',
  'approvals.opal',
  `${LOG_FOLDER}/checkpoint`,
  `${LOG_FOLDER}/key`,
].map((name) => `${GOVERNANCE}/${name}`);

/** Of a vault that was assessed; that had an incident; whose gate has answered (incident/files.ts); whose officers certified a tool. */
const FURTHER = ['assessment.opal', 'incidents.opal', 'subjects.opal', 'tools.opal'].map(
  (name) => `${GOVERNANCE}/${name}`,
);

/** A signed policy by its revision; earlier ones stay. */
export const policyFile = (revision: number): string => `policy-${revision}.note`;

const POLICY_FILE = /^policy-[1-9][0-9]{0,8}\.note$/;

/** Whether a path, with slashes, from a vault's folder is one of a file of its governance: no lock, nothing aside. */
export function isGovernanceFile(path: string): boolean {
  if (ALWAYS.includes(path) || FURTHER.includes(path)) return true;
  if (!path.startsWith(`${GOVERNANCE}/`)) return false;
  const inner = path.slice(GOVERNANCE.length + 1);
  if (POLICY_FILE.test(inner)) return true;
  return inner.startsWith(`${LOG_FOLDER}/`) && isLogFile(inner.slice(LOG_FOLDER.length + 1));
}

/** Whether some paths are those of no governance, or of a whole one. */
export function isGovernanceWhole(paths: Iterable<string>): boolean {
  const found = [...paths].filter(isGovernanceFile);
  return found.length === 0 || ALWAYS.every((path) => found.includes(path));
}
