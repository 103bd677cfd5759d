import { LOG_PIN } from '../local/pins.ts';
import type { OpenFolder } from '../local/vault-host.ts';

/**
 * Whether a vault has a policy, or had one: its log stays pinned, so that nobody gets rid of a policy by losing its
 * files.
 */
export async function isUnderPolicy({
  host,
  pins,
}: Pick<OpenFolder, 'host' | 'pins'>): Promise<boolean> {
  if (host.governance === undefined) return false;
  return pins.get(LOG_PIN) !== undefined || (await host.governance.exists());
}
