import { toHex } from '../../../bytes/hex.ts';
import type { NoteKey } from '../../../bytes/note-key.ts';
import { randomBytes } from '../../../bytes/random.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { openClosing } from '../../../policy/incident/closing.ts';
import {
  freezing,
  goesOnWith,
  type Incident,
  type IncidentState,
  type IncidentsValue,
  issueOf,
  type Measure,
  type NewIncident,
  pending,
} from '../../../policy/incident/incident.ts';
import type { OfficersValue } from '../policy-file.ts';
import type { SealedJson } from '../sealed-json.ts';

/**
 * What went wrong with a vault, and whether it stops releases. There is no file until the first incident; from then on
 * officers.opal says that there is one, so that nobody lifts a freeze by losing it.
 */
export class Incidents implements IncidentState {
  private readonly file: SealedJson<IncidentsValue>;
  private readonly officers: SealedJson<OfficersValue>;

  constructor(file: SealedJson<IncidentsValue>, officers: SealedJson<OfficersValue>) {
    this.file = file;
    this.officers = officers;
  }

  /** In the order in which they were opened. @throws VAULT_CORRUPT */
  async list(): Promise<readonly Incident[]> {
    if ((await this.officers.read()).incidents !== true) return [];
    return (await this.file.read()).incidents;
  }

  /** @throws USAGE for an id of none */
  async find(id: string): Promise<Incident> {
    return named(await this.list(), id);
  }

  async frozenBy(): Promise<string | undefined> {
    return freezing(await this.list())?.id;
  }

  /**
   * Open an incident, or go on with one of the same words whose measures are not all taken. Once this resolves it is on
   * the disk, and, if it freezes, nothing is released any more.
   * @throws USAGE for what is no incident
   */
  async open(wanted: NewIncident, now: number): Promise<Incident> {
    const issue = issueOf(wanted);
    if (issue !== undefined) throw usage(issue);
    await this.begin();
    const id = toHex(randomBytes(8));
    const { incidents } = await this.file.change(({ incidents: before }) => {
      if (before.some((one) => goesOnWith(one, wanted))) return { incidents: before };
      const made = { id, opened: now, ...wanted, entry: null, measures: [], closed: null };
      return { incidents: [...before, made] };
    });
    const isNew = (one: Incident): boolean => one.id === id;
    return incidents.find(isNew) ?? incidents.find((one) => goesOnWith(one, wanted))!;
  }

  /** That its opening is entry number so much of the log. */
  async logged(id: string, entry: number): Promise<Incident> {
    return await this.change(id, (one) => ({ ...one, entry }));
  }

  async taken(id: string, measure: Measure): Promise<Incident> {
    return await this.change(id, (one) => ({ ...one, measures: [...one.measures, measure] }));
  }

  /** That every table has new keys. */
  async rotated(id: string): Promise<Incident> {
    return await this.change(id, (one) => ({ ...one, rotation: 'done' }));
  }

  /**
   * Close an incident, with a note that an officer signed (policy/incident/closing.ts): its freeze ends.
   * @param log the vault's log
   * @param write logs it, before it is closed; the number of its entry
   * @throws POLICY_INVALID where no officer signed it, or it is of another incident; USAGE while measures are not taken
   */
  async close(
    note: Uint8Array,
    { officers, log, now }: { officers: readonly NoteKey[]; log: string; now: number },
    write: (incident: Incident) => Promise<number>,
  ): Promise<Incident> {
    const { closing, signers } = openClosing(note, officers);
    const before = await this.find(closing.incident);
    if (closing.log !== log) {
      throw new OpalineError('POLICY_INVALID', {
        path: 'incident closing: log',
        reason: 'of another vault',
      });
    }
    if (closing.time < before.opened || closing.time > now) {
      throw new OpalineError('POLICY_INVALID', {
        path: 'incident closing: time',
        reason: 'before the incident was opened, or later than now',
      });
    }
    closable(before);
    const entry = await write(before);
    const { measures, time } = closing;
    return await this.change(closing.incident, (one) => {
      closable(one);
      return { ...one, closed: { time, measures, officers: signers, entry } };
    });
  }

  private async change(id: string, change: (one: Incident) => Incident): Promise<Incident> {
    const { incidents } = await this.file.change((value) => {
      const found = named(value.incidents, id);
      return {
        incidents: value.incidents.map((one) => (one === found ? change(one) : one)),
      };
    });
    return named(incidents, id);
  }

  /** From the first incident on there is a file, and officers.opal says so. */
  private async begin(): Promise<void> {
    if ((await this.officers.read()).incidents === true) return;
    await this.officers.change(async (value) => {
      // Its writer may have died before it was said: whatever is there froze nothing that was said to be.
      if (value.incidents !== true) await this.file.create({ incidents: [] });
      return { ...value, incidents: true };
    });
  }
}

function named(incidents: readonly Incident[], id: string): Incident {
  const found = incidents.find((one) => one.id === id);
  if (found !== undefined) return found;
  throw usage(`there is no incident ${id}`);
}

function closable(one: Incident): void {
  if (one.closed !== null) throw usage(`the incident ${one.id} is closed`);
  const left = pending(one);
  if (left.length === 0) return;
  throw usage(
    `not done yet: ${left.join(', ')}; run opaline incident open again with the same words`,
  );
}

function usage(reason: string): OpalineError {
  return new OpalineError('USAGE', { reason });
}
