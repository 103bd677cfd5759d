import { isLogFile } from '../../audit/log-paths.ts';
import { CHECKPOINT_PATH, KEY_PATH } from '../../audit/log-source.ts';
import { CUSTODY_LOG } from '../local/vault-files.ts';

const WITHIN = `${CUSTODY_LOG}/`;

/** Whether a path, with slashes, from a vault's folder is one of a file of its log of requests to custodians. */
export function isCustodyLogFile(path: string): boolean {
  return path.startsWith(WITHIN) && isLogFile(path.slice(WITHIN.length));
}

/** Whether some paths are those of no such log, or have what a log has from its beginning. */
export function isCustodyLogWhole(paths: Iterable<string>): boolean {
  const found = [...paths].filter(isCustodyLogFile);
  const always = [CHECKPOINT_PATH, KEY_PATH].map((name) => `${WITHIN}${name}`);
  return found.length === 0 || always.every((path) => found.includes(path));
}
