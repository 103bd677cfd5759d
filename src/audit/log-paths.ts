import { CHECKPOINT_PATH, KEY_PATH } from './log-source.ts';
import { parseIndexPath, parseTilePath } from './tile.ts';

const KEYS_FILE = /^keys\/[0-9a-f]{2}$/;
const COSIGNED_FILE = /^cosigned\/(?:0|[1-9][0-9]{0,15})$/;
const DETAILS = 'details/';

/** Whether a path, with slashes, from a log's folder is one of a file of it: no lock, nothing aside. */
export function isLogFile(path: string): boolean {
  if (isPublicLogFile(path) || KEYS_FILE.test(path)) return true;
  return path.startsWith(DETAILS) && parseIndexPath(path.slice(DETAILS.length)) !== undefined;
}

/** Whether it is one of those that anybody may have: no sealed detail, no sealed key. */
export function isPublicLogFile(path: string): boolean {
  if (path === CHECKPOINT_PATH || path === KEY_PATH || COSIGNED_FILE.test(path)) return true;
  return parseTilePath(path) !== undefined;
}
