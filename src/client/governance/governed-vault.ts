import type { LogEntry, Logged } from '../../audit/file/audit-log.ts';
import { utf8 } from '../../bytes/codec.ts';
import { formatKey } from '../../bytes/note-key.ts';
import type { Answered, Ask, Steps } from '../../gate/governed/cases.ts';
import { GovernedGate } from '../../gate/governed/governed-gate.ts';
import type { Governance, ReleaseGuard, ReservedUse } from '../../gate/governed/ports.ts';
import { STEPS } from '../../gate/governed/steps.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { expiredProcessor } from '../../policy/assessment/record.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { policyText } from '../../policy/signed-policy.ts';
import type { ChangeHost } from '../changes/host.ts';
import { vaultGuard } from '../release/vault-releases.ts';
import { Approvals } from './approvals.ts';
import { readAssessment } from './assessment/record-file.ts';
import { VaultAssessmentState } from './assessment/state.ts';
import { type ConsentContext, consentReceiptJson, consentRecordsJson } from './consent-json.ts';
import { ConsentLedger, type ConsentRecord } from './consent-ledger.ts';
import { countedFiles } from './counted-files.ts';
import { type Counting, type FileCounts, requireCounts } from './file-counts.ts';
import { gateTables } from './gate-tables.ts';
import { governanceFiles } from './governance-files.ts';
import { incidentFiles } from './incident/files.ts';
import { Incidents } from './incident/incidents.ts';
import { SubjectRoll } from './incident/subject-roll.ts';
import { VaultIncidents } from './incident/vault-incidents.ts';
import { governancePlace, isGoverned, lockGate } from './place.ts';
import { PolicyFile } from './policy-file.ts';
import { Principals } from './principals.ts';
import { type ShowLog, shownLog } from './shown-log.ts';
import { Tools } from './tools/tools.ts';
import { Uses } from './uses.ts';
import { VaultLog } from './vault-log.ts';

/** What of an open vault its governance works with. */
export type VaultInside = Pick<ChangeHost, 'folder' | 'link' | 'gate' | 'known' | 'pin'>;

/** The governance of a vault, opened: its policy, principals, consents and log. */
export class VaultGovernance {
  readonly policy: PolicyFile;
  readonly principals: Principals;
  readonly consent: ConsentLedger;
  readonly uses: Uses;
  readonly approvals: Approvals;
  readonly tools: Tools;
  readonly log: VaultLog;
  readonly incidents: VaultIncidents;
  private readonly roll: SubjectRoll;
  private readonly inside: VaultInside;
  private readonly files: Readonly<Record<string, Counting>>;
  /** Of the release ledgers, once a gate is open. */
  private ledgers: () => Readonly<Record<string, number>> | undefined = () => undefined;

  private constructor(inside: VaultInside, log: VaultLog) {
    const place = governancePlace(inside.folder.path);
    const files = governanceFiles(place, inside.folder.secrets);
    this.inside = inside;
    this.log = log;
    this.policy = new PolicyFile(place, files.officers);
    const append = (entries: readonly LogEntry[]): Promise<readonly Logged[]> =>
      log.append(entries);
    this.principals = new Principals(files.principals, append);
    this.consent = new ConsentLedger(files.consent, append);
    this.uses = new Uses(files.uses);
    this.approvals = new Approvals(files.approvals, this.principals);
    const further = incidentFiles(place, inside.folder.secrets);
    const { incidents, subjects } = further;
    this.files = countedFiles(inside.folder, files, further);
    log.countFiles(() => this.counts());
    this.incidents = new VaultIncidents(inside, new Incidents(incidents, files.officers), this);
    const tagKey = inside.folder.secrets.localKey('governance/subject-tags');
    this.roll = new SubjectRoll(subjects, tagKey, append);
    this.tools = new Tools(files.tools, () => this.policy.keys(), append);
  }

  /** @throws USAGE for a vault without a policy; LOG_NOT_FOUND, LOG_ROLLBACK, LOG_FORK, VAULT_CORRUPT */
  static async open(inside: VaultInside): Promise<VaultGovernance> {
    const { path, secrets, pins } = inside.folder;
    if (!(await isGoverned(path))) {
      throw new OpalineError('USAGE', {
        reason: 'the vault has no policy: begin one with opaline policy init',
      });
    }
    const log = await VaultLog.open(governancePlace(path), secrets, pins, (pin) => inside.pin(pin));
    const governance = new VaultGovernance(inside, log);
    await requireCounts(governance.files, await log.counted('files'));
    return governance;
  }

  /**
   * The gate, for this process alone. What leaves is judged by all that ever left (gate/release/statistical-guard.ts).
   * @param options a guard or a clock of another's making; other steps are for tests
   * @throws VAULT_LOCKED while another process has it, LEDGER_INVALID
   */
  async openGate(options: GateOptions = {}): Promise<OpenGate> {
    const { now = Date.now, steps = STEPS, within = WITHIN } = options;
    const lock = await lockGate(governancePlace(this.inside.folder.path));
    const guard = await this.guardOf(options).catch(async (error: unknown) => {
      await lock[Symbol.asyncDispose]();
      throw error;
    });
    const services = {
      governance: this.services(now),
      tables: gateTables(this.inside),
      guard,
      within,
    };
    const gate = new GovernedGate(services, steps);
    return {
      answer: (ask) => gate.answer(ask),
      showLog: shownLog(governancePlace(this.inside.folder.path), this.principals, now),
      [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() as Promise<void>,
    };
  }

  /**
   * The guard over the ledgers that the log knows. Releases that the log says are frozen are so, whatever became of the
   * file that says it too.
   * @throws LEDGER_INVALID for a ledger that is an older copy
   */
  private async guardOf({ guard: given }: GateOptions): Promise<ReleaseGuard> {
    const { release } = this.inside.folder;
    const isFrozen = await this.log.counted('frozen');
    if (isFrozen && (await release?.frozenSince()) === undefined) await release?.freeze();
    if (given !== undefined) return given;
    const known = await this.log.counted('ledgers');
    const { guard, lengths, requireLengths } = await vaultGuard(
      this.inside,
      async () => (await this.policy.find())?.document,
    );
    await requireLengths(known);
    this.ledgers = () => ({ ...known, ...lengths() });
    return guard;
  }

  private async counts(): Promise<FileCounts> {
    const counted = Object.entries(this.files).map(async ([name, file]) => {
      return [name, await file.count()] as const;
    });
    const ledgers = this.ledgers();
    return {
      files: Object.fromEntries(await Promise.all(counted)),
      ...(ledgers && { ledgers }),
      frozen: (await this.inside.folder.release?.frozenSince()) !== undefined,
    };
  }

  /** The log's first entry: who signs policies. Pinned with it, the vault has a policy whatever becomes of its files. */
  async logBeginning(time: number): Promise<void> {
    const officers = (await this.policy.keys()).map(formatKey);
    const content = utf8(JSON.stringify({ officers }));
    await this.log.append([{ kind: 'policy.init', time, details: [{ content }] }]);
  }

  /** That the owner examined the store, and verified answers are given again. */
  async logLift(since: Date): Promise<void> {
    const content = utf8(JSON.stringify({ since: since.getTime() }));
    const entry = { kind: 'release.lift', time: Date.now(), details: [{ content }] };
    await this.log.append([entry], { frozen: false });
  }

  /** Put a policy in force that all officers signed. @throws POLICY_INVALID */
  async installPolicy(note: Uint8Array): Promise<PolicyDocument> {
    return await this.policy.install(note, (document) => {
      const content = utf8(policyText(document));
      return this.log.append([{ kind: 'policy.sign', time: Date.now(), details: [{ content }] }]);
    });
  }

  /** The name of a processor whose qualification has expired; of no matter where the policy requires no assessment. */
  async expiredProcessor(now: number): Promise<string | undefined> {
    const { document } = await this.policy.read();
    if (document.assessment === undefined) return undefined;
    const record = await readAssessment(this.inside.folder);
    return record && expiredProcessor(record, now)?.name;
  }

  /** A consent's receipt with its proofs (consent-json.ts). @throws USAGE for an id of no consent */
  async receipt(id: string, now: number): Promise<object> {
    const record = await this.consent.find(id);
    const places = [record.entry, ...(record.withdrawn === null ? [] : [record.withdrawn.entry])];
    const proofs: Logged[] = [];
    for (const place of places) if (place !== null) proofs.push(await this.log.prove(place));
    return consentReceiptJson(record, await this.consentContext(record, now), proofs);
  }

  /** Consent records of a subject, or of all, as JSON-LD. */
  async exportConsents(subject: string | undefined, now: number): Promise<object> {
    const records = await this.consent.records(subject);
    return consentRecordsJson(
      await Promise.all(
        records.map(async (record) => ({
          record,
          context: await this.consentContext(record, now),
        })),
      ),
    );
  }

  private async consentContext({ purpose }: ConsentRecord, now: number): Promise<ConsentContext> {
    const purposes = (await this.policy.find())?.document.purposes ?? {};
    const known = Object.hasOwn(purposes, purpose) ? purposes[purpose] : undefined;
    return { controller: this.log.origin, purpose: known, now };
  }

  private services(now: () => number): Governance {
    const { policy, principals, consent, uses, approvals, tools, log, inside, incidents, roll } =
      this;
    const { folder, link, known } = inside;
    return {
      now,
      policy: () => policy.read(),
      principalOfToken: (token) => principals.ofToken(token),
      principal: (name) => principals.find(name),
      attestations: () => principals.attestations(),
      consent: () => consent.state(),
      assessment: new VaultAssessmentState({
        folder,
        store: link.address,
        tables: () => known.load(),
        policy: async () => (await policy.find())?.document,
      }),
      incidents: incidents.records,
      recordSubjects: (table, found) => roll.record(table, found, now()),
      tools: tools.at(now),
      uses: (principal, purpose) => uses.of(principal, purpose),
      reserveUse: async (principal, purpose, cells): Promise<ReservedUse> => {
        const reserved = await uses.reserve(principal, purpose, cells, now());
        return {
          settle: (released) => uses.settle(reserved, released),
          cancel: () => uses.cancel(reserved),
        };
      },
      approvals: (request) => approvals.state(request, now()),
      useApproval: (request) => approvals.use(request),
      log: (entries) => log.append(entries),
    };
  }
}

/** Milliseconds: of the steps those that read rows or compute may take minutes, the others do not. */
const WITHIN = { step: 30_000, execution: 600_000 };

export interface GateOptions {
  readonly guard?: ReleaseGuard;
  readonly now?: () => number;
  readonly steps?: Steps;
  readonly within?: { readonly step: number; readonly execution: number };
}

/** A gate that is open. */
export interface OpenGate extends AsyncDisposable {
  answer(ask: Ask): Promise<Answered>;
  /** A file of the log, for an auditor (shown-log.ts). */
  readonly showLog: ShowLog;
}
