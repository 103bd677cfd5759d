import { join } from 'node:path';
import { LogFolder } from '../../audit/file/log-folder.ts';
import { isPublicLogFile } from '../../audit/log-paths.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { isCurrent } from '../../gate/governed/who.ts';
import { LOG_FOLDER } from './file-names.ts';
import type { Principals } from './principals.ts';

/** The role of who may read a vault's log from its gate. */
const AUDITOR = 'auditor';

/** Reads a file of the log for who has a token, by its path below the log's folder. */
export type ShowLog = (token: string, path: string) => Promise<Uint8Array | undefined>;

/**
 * The log of a vault as its gate shows it: to current principals of the role auditor, checkpoint, key, hashes and
 * entries, and no sealed detail. That somebody looks is not logged, and a freeze does not end it. Undefined where there
 * is no such file.
 * @throws GATE_UNAUTHORIZED in the same words for a token that is unknown, revoked or expired; DENIED
 */
export function shownLog(
  place: string,
  principals: Pick<Principals, 'ofToken'>,
  now: () => number,
): ShowLog {
  const folder = new LogFolder(join(place, LOG_FOLDER));
  return async (token, path) => {
    const principal = await principals.ofToken(token);
    if (principal === undefined || !isCurrent(principal, now())) {
      throw new OpalineError('GATE_UNAUTHORIZED', {});
    }
    if (!principal.roles.includes(AUDITOR)) {
      throw new OpalineError('DENIED', { reason: `the log is for the role ${AUDITOR}` });
    }
    return isPublicLogFile(path) ? await folder.read(path) : undefined;
  };
}
