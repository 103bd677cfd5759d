import { dataMap } from '../../../policy/assessment/data-map.ts';
import { GDPR_HOURS } from '../../../policy/incident/clock.ts';
import type { Incident, NewIncident } from '../../../policy/incident/incident.ts';
import type { AffectedColumn, NoticeFacts } from '../../../policy/incident/notice.ts';
import {
  type IncidentScope,
  type ScopeFilter,
  scopeOfIncident,
} from '../../../policy/incident/scope.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import type { ChangeHost } from '../../changes/host.ts';
import { describeTable } from '../assessment/describe-table.ts';
import { readAssessment } from '../assessment/record-file.ts';
import { storeName } from '../assessment/scope-of.ts';
import type { PolicyFile } from '../policy-file.ts';
import type { Principals } from '../principals.ts';
import type { VaultLog } from '../vault-log.ts';
import type { Incidents } from './incidents.ts';
import { readScopeEntries } from './read-entries.ts';
import { logOne, type Rotation, takeMeasures } from './take-measures.ts';

type Inside = Pick<ChangeHost, 'folder' | 'link' | 'known'>;

export interface Opening extends Omit<NewIncident, 'rotation' | 'noticeHours'> {
  /** Whether every table gets new keys. */
  readonly rotate: boolean;
  /** Default: the policy's, or 72. */
  readonly noticeHours?: number | undefined;
}

export interface OpeningOptions {
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  /** Called as soon as it is open, and, if it freezes, nothing is released any more. */
  readonly onOpen?: (incident: Incident) => void;
}

/** The incidents of a vault: opened, told of, closed. */
export class VaultIncidents {
  readonly records: Incidents;
  private readonly inside: Inside;
  private readonly policy: PolicyFile;
  private readonly principals: Principals;
  private readonly log: VaultLog;

  constructor(
    inside: Inside,
    records: Incidents,
    parts: { readonly policy: PolicyFile; readonly principals: Principals; readonly log: VaultLog },
  ) {
    this.inside = inside;
    this.records = records;
    this.policy = parts.policy;
    this.principals = parts.principals;
    this.log = parts.log;
  }

  /**
   * Open an incident, which freezes the gate at once, and take its measures. Stopped or refused on the way, it stays
   * open, and the same call goes on with it.
   * @throws USAGE for principals that there are not; what logging and rotating throw
   */
  async open(
    { rotate, noticeHours, ...wanted }: Opening,
    rotation: Rotation,
    { now = Date.now, signal, onOpen }: OpeningOptions = {},
  ): Promise<Incident> {
    for (const name of wanted.principals) {
      if ((await this.principals.find(name)) !== undefined) continue;
      throw new OpalineError('USAGE', { reason: `there is no principal "${name}"` });
    }
    const opening: NewIncident = {
      ...wanted,
      rotation: rotate ? 'wanted' : 'none',
      noticeHours: noticeHours ?? (await this.policyHours()),
    };
    const opened = await this.records.open(opening, now());
    onOpen?.(opened);
    const { records: incidents, principals } = this;
    return await takeMeasures(opened, {
      incidents,
      principals,
      log: (entries) => this.log.append(entries),
      rotation,
      now,
      signal,
    });
  }

  /** Close one, by a note that an officer signed. @throws POLICY_INVALID, USAGE */
  async close(note: Uint8Array, now: number): Promise<Incident> {
    const officers = await this.policy.keys();
    const text = new TextDecoder().decode(note);
    return await this.records.close(note, { officers, log: this.log.origin, now }, ({ id }) =>
      logOne((entries) => this.log.append(entries), 'incident.close', now, {
        incident: id,
        note: text,
      }),
    );
  }

  /** What an incident is about by default: its principals and purposes, over all of the log. */
  filterOf({ principals, purposes }: Incident): ScopeFilter {
    return { since: null, until: null, principals, purposes };
  }

  /** @throws LOG_INVALID, ABORTED */
  async scope(filter: ScopeFilter, signal?: AbortSignal): Promise<IncidentScope> {
    return scopeOfIncident(await readScopeEntries(this.inside.folder, signal), filter);
  }

  /** What a notice of an incident says (policy/incident/notice.ts). @throws USAGE, LOG_INVALID, ABORTED */
  async notice(incident: Incident, scope: IncidentScope, now: number): Promise<NoticeFacts> {
    const context = (await readAssessment(this.inside.folder))?.context;
    const { officer = null, organisation, sensitive = [] } = context ?? {};
    const officers = (await this.policy.keys()).map(({ name }) => name).join(', ');
    const name = organisation?.name ?? '';
    return {
      controller: name === '' ? this.log.origin : name,
      incident,
      scope,
      columns: await this.columns(scope, sensitive),
      contact:
        officer === null
          ? `The officer who answers for the policy: ${officers}.`
          : `${officer.name}, ${officer.contact}. The policy is signed by ${officers}.`,
      now,
    };
  }

  private async columns(
    { tables }: IncidentScope,
    sensitive: readonly string[],
  ): Promise<readonly AffectedColumn[]> {
    const { known, link } = this.inside;
    const opened = (await known.load()).filter(({ schema }) =>
      tables.some(({ table }) => table === schema.table),
    );
    const described = await Promise.all(opened.map(describeTable));
    const map = dataMap(described, storeName(link.address), {}, sensitive);
    return tables.flatMap(({ table, columns }) => {
      const mapped = map.tables.find((one) => one.table === table);
      return columns.map((column): AffectedColumn => {
        // One that is gone may have been of anything.
        const found = mapped?.columns.find(({ name }) => name === column);
        const { category = null, class: of = 'unstated' } = found ?? {};
        return { table, column, category, class: of };
      });
    });
  }

  /** A policy that cannot be read keeps nobody from opening an incident. */
  private async policyHours(): Promise<number> {
    const policy = await this.policy.find().catch(() => undefined);
    return policy?.document.incidents?.noticeHours ?? GDPR_HOURS;
  }
}
