import type { Tables } from '../../gate/governed/ports.ts';
import { releaseDigest } from '../../gate/release-digest.ts';
import { SubjectRows } from '../../gate/subject-rows.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { VaultInside } from './governed-vault.ts';

/** Of the digests of what was computed. */
export const COMPUTED_KEY = 'release/computed';

/** The tables of a vault as its gate asks them. What leaves verifies. */
export function gateTables({
  gate,
  link,
  known,
  folder,
}: Pick<VaultInside, 'gate' | 'link' | 'known' | 'folder'>): Tables {
  const { release: standing } = folder;
  if (standing === undefined) throw new OpalineError('INTERNAL', { reason: 'no release state' });
  const subjects = new SubjectRows();
  return {
    link,
    open: async (name) => (await known.load()).find(({ schema }) => schema.table === name),
    release: (plan, table, options) =>
      gate.release(plan, table, { ...options, verified: standing }),
    digest: (release) => releaseDigest(release, folder.secrets.localKey(COMPUTED_KEY)),
    requireOpen: () => standing.requireOpen(),
    freeze: () => standing.freeze(),
    without: (table, live, options) => subjects.without(table, live, link, options),
    subjects: (table, options) => subjects.counted(table, link, options),
  };
}
