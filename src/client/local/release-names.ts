/** Below a vault's folder: how figures are released, and what was released of each table. */
export const RELEASES = 'releases';

/** The owner's rules, in JSON. */
export const SETTINGS_FILE = 'settings.json';

const LEDGER_FILE = /^[0-9a-f]{32}\.opal$/;

/** Whether a path, with slashes, from a vault's folder is one of the files of its releases: no lock. */
export function isReleaseFile(path: string): boolean {
  if (!path.startsWith(`${RELEASES}/`)) return false;
  const inner = path.slice(RELEASES.length + 1);
  return inner === SETTINGS_FILE || LEDGER_FILE.test(inner);
}
