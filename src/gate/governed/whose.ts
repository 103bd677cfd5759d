import { consentDigest, consenting } from '../../policy/consent.ts';
import type { Purpose } from '../../policy/document.ts';
import type { Masked, Permitted, Step } from './cases.ts';
import type { Governance } from './ports.ts';

/**
 * Step 3, whose data: the subjects whose consent to the purpose, by a version of its notice that the policy
 * accepts, is in force now. The rows of all others, and of nobody, are left out of whatever is computed.
 * Whose rows remain is put on the record, so that an incident's scope can be told.
 * @throws DENIED for a table that names no subject
 */
export const whose: Step<Permitted, Masked> = async (permitted, { governance, tables }) => {
  const { ask, purpose, table } = permitted;
  const time = governance.now();
  const live = await liveSubjects(governance, ask.purpose, purpose, time);
  const options = ask.signal === undefined ? {} : { signal: ask.signal };
  const counted =
    live === undefined ? table : table.without(await tables.without(table, live, options));
  const subjects = await tables.subjects(counted, options);
  const recorded = subjects && (await governance.recordSubjects(counted.schema.table, subjects));
  const digest = consentDigest(ask.purpose, purpose.consent?.notices ?? null, live);
  return { ...permitted, consent: { live, digest, time, recorded }, counted };
};

/** Whose consent to a purpose is in force at a time; undefined where it needs none. */
export async function liveSubjects(
  governance: Governance,
  name: string,
  { consent }: Purpose,
  time: number,
): Promise<ReadonlySet<string> | undefined> {
  if (consent === null) return undefined;
  return consenting(await governance.consent(), name, consent.notices, time);
}
