import { homedir, userInfo } from 'node:os';
import { OpalineError } from '../errors/opaline-error.ts';

/** What the operating system says of the user of this process. A container's may be a number that nothing is known of. */
export interface UserFacts {
  readonly userInfo: () => { readonly username: string };
  readonly homedir: () => string;
  /** Missing where users have no numbers. */
  readonly getuid?: (() => number) | undefined;
}

const OF_SYSTEM: UserFacts = { userInfo, homedir, getuid: process.getuid };

/** The user's name, or its number where it has no name. @throws USAGE naming the option that says it, where it has neither */
export function userName(
  option: string,
  { userInfo: info, getuid }: UserFacts = OF_SYSTEM,
): string {
  const name = known(() => info().username);
  if (name !== undefined) return name;
  const uid = getuid?.();
  if (uid !== undefined) return `uid ${uid}`;
  throw usage(`${option}: the user of this process has no name: say one`);
}

/** The user's own folder. @throws USAGE naming the option that says another place, where it has none */
export function homeFolder(option: string, { homedir: home }: UserFacts = OF_SYSTEM): string {
  const folder = known(home);
  if (folder !== undefined) return folder;
  throw usage(`${option}: the user of this process has no folder of its own: say where`);
}

/** What is there to be said; undefined where the system has no entry of the user, and for an empty one. */
function known(ask: () => string): string | undefined {
  try {
    const said = ask();
    return said === '' ? undefined : said;
  } catch {
    return undefined;
  }
}

function usage(reason: string): OpalineError {
  return new OpalineError('USAGE', { reason });
}
