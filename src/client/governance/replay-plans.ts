import { equalBytes } from '../../bytes/compare.ts';
import { fromHex } from '../../bytes/hex.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { Gate } from '../../gate/gate.ts';
import { workDigest } from '../../gate/governed/capability.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import { barePlan } from '../../gate/release/figures.ts';
import { releaseDigest } from '../../gate/release-digest.ts';
import { SubjectRows } from '../../gate/subject-rows.ts';
import type { Parameter } from '../../plan/parameter.ts';
import type { Plan } from '../../plan/physical.ts';
import { planQuery } from '../../plan/plan-query.ts';
import type { LoggedRelease } from '../../policy/replay/verdict.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import type { StoreLink } from '../../store/link.ts';
import { COMPUTED_KEY } from './gate-tables.ts';

/** What became of a release whose plan was to be run again; `index` is the entry's. */
export interface PlanReplay {
  readonly index: number;
  /** 'other': what is computed now is not what was computed then. */
  readonly state: 'same' | 'other' | 'not-replayable';
  /** Why it is not replayable, or what is other; '' of the same. */
  readonly reason: string;
}

export interface ReplayPlace {
  readonly folder: Pick<OpenFolder, 'secrets'>;
  readonly link: StoreLink;
  tables(): Promise<readonly OpenTable[]>;
}

export interface ReplayPlansOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Runs the plans of releases again, on the rows that counted then, and compares: evaluation is deterministic, and a
 * segment never changes. A table's old epochs are not kept, so that a release is replayable until its table is next
 * written to. Nothing of what is computed leaves.
 */
export async function replayPlans(
  releases: readonly LoggedRelease[],
  place: ReplayPlace,
  { signal, onProgress }: ReplayPlansOptions = {},
): Promise<readonly PlanReplay[]> {
  const tables = await place.tables();
  const subjects = new SubjectRows();
  const gate = new Gate(place.folder.secrets, place.link);
  const key = place.folder.secrets.localKey(COMPUTED_KEY);
  const found: PlanReplay[] = [];
  for (const release of releases) {
    if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
    const { index, intent } = release;
    const notReplayable = (reason: string): number =>
      found.push({ index, state: 'not-replayable', reason });
    const table = tables.find(({ schema }) => schema.table === intent.table);
    onProgress?.(found.length, releases.length);
    if (table === undefined || table.manifest.epoch !== intent.epoch) {
      notReplayable(`epoch gone: ${intent.epoch} of "${intent.table}"`);
    } else if (table.schema.custody !== undefined) {
      notReplayable('a sum under a divided key is decrypted once');
    } else if (release.subjects === undefined) {
      notReplayable('whose rows counted cannot be made out');
    } else {
      const options = signal === undefined ? {} : { signal };
      const counted =
        release.subjects === null
          ? table
          : table.without(await subjects.without(table, release.subjects, place.link, options));
      const plan = await planOf(release, counted);
      if (plan === undefined) {
        found.push({
          index,
          state: 'other',
          reason: 'its words are another plan, or of other rows',
        });
        continue;
      }
      const again = releaseDigest(await gate.release(plan, counted, options), key);
      const same = equalBytes(again, fromHex(release.computed, 'a digest'));
      found.push({ index, state: same ? 'same' : 'other', reason: same ? '' : 'another result' });
    }
  }
  return found;
}

/** The plan that was logged for a release: that of its words, or the one by which its figures were judged. */
async function planOf({ intent }: LoggedRelease, counted: OpenTable): Promise<Plan | undefined> {
  const { schema } = counted;
  const asked = await planQuery(intent.sql, intent.parameters as readonly Parameter[], {
    schemas: new Map([[schema.table, schema]]),
  });
  const plans = asked.kind === 'aggregate' ? [barePlan(asked), asked] : [asked];
  const work = fromHex(intent.work, 'a digest');
  return plans.find((plan) => equalBytes(workDigest(plan, counted), work));
}
