import { utf8 } from '../../bytes/codec.ts';
import type { RandomBytes } from '../../bytes/discrete-gaussian.ts';
import { sha256 } from '../../bytes/hash.ts';
import { randomBelow, randomBytes } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { finishAggregate } from '../../plan/finish.ts';
import { keyText } from '../../plan/interpret.ts';
import type { AggregatePlan, GroupResult, Plan } from '../../plan/physical.ts';
import type { ResultTable } from '../../plan/result.ts';
import { type Cost, fits, left, NO_COST } from '../../policy/dp/budget.ts';
import { remainingWait } from '../../policy/dp/latency.ts';
import { usualError } from '../../policy/dp/noise.ts';
import type { AuditReason, AuditVerdict } from '../../policy/release/auditor.ts';
import type { Operation } from '../../policy/document.ts';
import { drawPrime } from '../../policy/release/prime-field.ts';
import { type ReleaseRefusal, refusalText } from '../../policy/release/refusal.ts';
import { restricted } from '../../policy/release/refine.ts';
import type { NoisySettings, ReleaseSettings } from '../../policy/release/settings.ts';
import type { StoreLink } from '../../store/link.ts';
import type { Release } from '../gate.ts';
import type { ReservedBudget } from '../governed/ports.ts';
import type { OpenTable } from '../open-table.ts';
import { barePlan, figuresOf } from './figures.ts';
import type { HeldLedger, ReleaseLedger } from './ledger.ts';
import type { ReserveRecord } from './ledger-record.ts';
import { decidingColumns, type Members, membersOf } from './members.ts';
import { decodeGroups, encodeGroups, noisyGroups, noisesOf, subjectsOf } from './noisy-groups.ts';

/** What the guard works with. */
export interface GuardServices {
  readonly link: StoreLink;
  /** The one ledger of a table's name, whatever becomes of the table. */
  ledger(table: string): ReleaseLedger;
  settings(table: string): Promise<ReleaseSettings>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Of noise; tests have their own. */
  readonly random?: RandomBytes;
}

/** A plan, and the table without the rows that do not count. */
export interface ReleaseRequest {
  readonly plan: Plan;
  readonly table: OpenTable;
  /** For the ledger's history. */
  readonly purposeName?: string;
  readonly principal?: { readonly name: string };
  readonly policy?: { readonly document: { readonly cohort: number } };
  /** What rules of the policy allow. */
  readonly operations?: readonly Operation[];
  /** 32 bytes, the same of whoever asks the same again; absent: every request is another. */
  readonly request?: Uint8Array;
}

/** What is to be run for a request, and what of its answer may leave. */
export interface Reservation {
  readonly plan: Plan;
  /** Of the budget; absent where it costs nothing, or the answer is stored. */
  readonly reserved?: ReservedBudget;
  /** @throws DENIED */
  settle(release: Pick<Release, 'groups' | 'result'>): Promise<ResultTable>;
}

/** What a request would cost and get. */
export type ReleasePreview =
  | {
      readonly mode: 'exact';
      readonly floor: number;
      /** Groups of the query, and those that would be shown. */
      readonly groups: number;
      readonly shown: number;
      readonly refused: ReadonlyMap<AuditReason, number>;
    }
  | {
      readonly mode: 'dp';
      readonly cost: Cost;
      readonly left: Cost;
      /** The answer is stored: it costs nothing. */
      readonly isStored: boolean;
      /** By term of the plan, in its units: noise stays within ± this with a probability of 95 %. */
      readonly errors: readonly number[];
      /** Fewest subjects, with noise, of a group that is shown. */
      readonly threshold: number | undefined;
    };

/** What a table's releases have cost. */
export interface BudgetReport {
  readonly mode: ReleaseSettings['mode'];
  readonly spent: Cost;
  /** Of exact figures there is no budget. */
  readonly left: Cost | undefined;
  readonly releases: number;
}

export interface PastRelease {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly label: string;
  readonly cost: Cost;
}

/**
 * What may leave of a table to anybody but its owner, judged by everything that ever left of it. Values that can be one
 * person's do not, nor do rows, unless a rule of the policy allows them: such rows are no figures, and are not held
 * against any. Figures leave either exactly, where an auditor finds that nothing follows of few
 * subjects (policy/release/auditor.ts), or with noise on a budget. Who is behind a figure is read from the table's
 * sealed records, which are authentic, so that the store has no part in the decision.
 */
export class StatisticalGuard {
  private readonly services: GuardServices;

  constructor(services: GuardServices) {
    this.services = services;
  }

  /** What the release costs is spent, durably, when it resolves. @throws DENIED, LEDGER_INVALID */
  async review(request: ReleaseRequest): Promise<Reservation> {
    const { services } = this;
    if (request.plan.kind === 'select' && request.operations?.includes('rows') === true) {
      return { plan: request.plan, settle: ({ result }) => Promise.resolve(result) };
    }
    const began = services.now();
    const ledger = services.ledger(request.plan.table);
    return await ledger.hold(async (held) => {
      const judged = await this.judge(request, held);
      const query = { time: began, label: labelOf(request), query: judged.digest };
      if (judged.mode === 'exact') {
        const { verdict, members, plan, asked } = judged;
        const { accepted } = verdict;
        if (accepted.length === 0) throw denied(refusalOf(verdict, judged.floor));
        const isNews = held.state.auditor.accept(members.partitions, accepted);
        const partitions = isNews
          ? members.partitions.map((partition) => restricted(partition, accepted))
          : [];
        await held.add({ kind: 'reserve', ...query, cost: NO_COST, partitions });
        return {
          plan,
          settle: ({ groups }) =>
            Promise.resolve().then(() =>
              finishAggregate(
                asked,
                request.table.schema,
                exactGroups(plan, groups, members, accepted),
              ),
            ),
        };
      }
      const { plan } = judged;
      const reservation = await this.reserve(judged, held, query, request.request);
      const { cost, settings } = judged;
      return {
        plan,
        ...(reservation !== undefined && {
          reserved: { reservation, cost, budget: settings.budget },
        }),
        settle: async ({ groups }) => {
          const result = await ledger.hold((now) =>
            this.withNoise(now, judged, reservation, request.table, groups),
          );
          const { bucket } = judged.settings;
          await services.wait(remainingWait(services.now() - began, bucket));
          return result;
        },
      };
    });
  }

  /**
   * The number of a reservation for a noisy answer, durable; undefined where the answer is stored. One that nothing was
   * released for serves again: who waits for an approval, or is asked anew because rows changed or a process died, does
   * not spend twice.
   */
  private async reserve(
    { digest, cost, settings }: NoisyJudged,
    { state, add }: HeldLedger,
    query: Pick<ReserveRecord, 'time' | 'label' | 'query'>,
    request: Uint8Array = digest,
  ): Promise<number | undefined> {
    if (state.answer(digest) !== undefined) return undefined;
    const before = state.unanswered(digest, request, cost);
    if (before !== undefined) {
      if (!state.isFor(before, digest)) {
        await add({ kind: 'claim', reservation: before, request, query: digest });
      }
      return before;
    }
    if (!fits(settings.budget, state.spent, cost)) throw denied({ kind: 'budget' });
    const reservation = state.reserved.length;
    await add(
      { kind: 'reserve', ...query, cost, partitions: [] },
      { kind: 'claim', reservation, request, query: digest },
    );
    return reservation;
  }

  /** Nothing is spent. @throws DENIED as `review`, but for want of budget or of groups that may be shown */
  async preview(request: ReleaseRequest): Promise<ReleasePreview> {
    return await this.services.ledger(request.plan.table).hold(async (held) => {
      const judged = await this.judge(request, held);
      if (judged.mode === 'exact') {
        const { accepted, reasons } = judged.verdict;
        const refused = new Map<AuditReason, number>();
        for (const reason of reasons.values()) refused.set(reason, (refused.get(reason) ?? 0) + 1);
        const groups = judged.members.keys.length;
        return { mode: 'exact', floor: judged.floor, groups, shown: accepted.length, refused };
      }
      const { settings, noises, cost, digest } = judged;
      return {
        mode: 'dp',
        cost,
        left: left(settings.budget, held.state.spent),
        isStored: held.state.answer(digest) !== undefined,
        errors: noises.terms.map(usualError),
        threshold: noises.groups?.threshold,
      };
    });
  }

  /** What was spent and what is left of it; of exact figures there is no budget, only what the auditor keeps. */
  async budget(table: string): Promise<BudgetReport> {
    const settings = await this.services.settings(table);
    return await this.services.ledger(table).hold(({ state }) =>
      Promise.resolve({
        spent: state.spent,
        mode: settings.mode,
        left: settings.mode === 'dp' ? left(settings.budget, state.spent) : undefined,
        releases: state.reserved.length,
      }),
    );
  }

  /** Releases in their order. */
  async history(table: string): Promise<readonly PastRelease[]> {
    return await this.services
      .ledger(table)
      .hold(({ state }) =>
        Promise.resolve(state.reserved.map(({ time, label, cost }) => ({ time, label, cost }))),
      );
  }

  private async judge(request: ReleaseRequest, held: HeldLedger): Promise<Judged> {
    const { table } = request;
    const { schema } = table;
    const settings = await this.services.settings(request.plan.table);
    const floor = Math.max(settings.floor, request.policy?.document.cohort ?? 0);
    const figures = figuresOf(request.plan, schema, settings);
    if ('refusal' in figures) throw denied(figures.refusal);
    const asked = figures.plan;
    const plan = barePlan(asked);
    const { state } = held;
    const hasSubject = schema.subject !== undefined;
    if (state.start === undefined) {
      const primes = [drawPrime(randomBelow), drawPrime(randomBelow)] as const;
      await held.add({ kind: 'start', primes, hasSubject, mode: settings.mode });
    } else if (state.start.mode !== settings.mode || state.start.hasSubject !== hasSubject) {
      throw denied({ kind: 'mode' });
    }
    const { link } = this.services;
    const columns = decidingColumns(plan, schema);
    const { sources, fresh } = await state.rows.read(table, columns, link, {});
    if (fresh.length > 0) await held.add(state.recordOf(fresh));
    const members = membersOf(plan, schema, sources, state.rowCount);
    const digest = digestOf(plan, settings, floor, members.live);
    if (settings.mode === 'exact') {
      const verdict = state.auditor.review(members.partitions, members.live, floor);
      return { mode: 'exact', asked, plan, floor, members, digest, verdict };
    }
    const isGrouped = plan.grouped || plan.groupBy.length > 0;
    if (isGrouped && settings.query.picoDelta === 0) throw denied({ kind: 'delta' });
    if (state.auditor.subjectRows.most(members.live) > settings.rows) {
      throw denied({ kind: 'contribution' });
    }
    return {
      mode: 'dp',
      asked,
      plan,
      settings,
      digest,
      noises: noisesOf(plan, schema, settings, floor),
      subjects: subjectsOf(members, state.auditor.subjectRows),
      cost: isGrouped ? settings.query : { ...settings.query, picoDelta: 0 },
    };
  }

  private async withNoise(
    { state, add }: HeldLedger,
    { asked, plan, digest, noises, subjects }: NoisyJudged,
    reservation: number | undefined,
    { schema }: OpenTable,
    groups: readonly GroupResult[] | undefined,
  ): Promise<ResultTable> {
    const stored = state.answer(digest);
    if (stored !== undefined) return finishAggregate(asked, schema, decodeGroups(stored));
    // Meanwhile the same request was asked anew, of other rows: what it costs is for one answer.
    if (reservation === undefined || !state.isFor(reservation, digest)) {
      throw denied({ kind: 'superseded' });
    }
    if (groups === undefined)
      throw new OpalineError('INTERNAL', { reason: 'an answer of no groups' });
    const { random = randomBytes } = this.services;
    const noisy = noisyGroups(plan, noises, subjects, groups, random);
    await add({ kind: 'answer', reservation, result: encodeGroups(noisy) });
    return finishAggregate(asked, schema, noisy);
  }
}

type Judged = ExactJudged | NoisyJudged;

interface ExactJudged {
  readonly mode: 'exact';
  readonly asked: AggregatePlan;
  readonly plan: AggregatePlan;
  readonly floor: number;
  readonly members: Members;
  readonly digest: Uint8Array;
  readonly verdict: AuditVerdict;
}

interface NoisyJudged {
  readonly mode: 'dp';
  readonly asked: AggregatePlan;
  readonly plan: AggregatePlan;
  readonly settings: NoisySettings;
  readonly digest: Uint8Array;
  readonly noises: ReturnType<typeof noisesOf>;
  readonly subjects: ReadonlyMap<string, number>;
  readonly cost: Cost;
}

/** The groups that may be shown, whose counts are those of the rows themselves. @throws DENIED */
function exactGroups(
  plan: AggregatePlan,
  groups: readonly GroupResult[] | undefined,
  { keys, rows, partitionOf }: Members,
  accepted: readonly number[],
): readonly GroupResult[] {
  const found = new Map((groups ?? []).map((group) => [keyText(group.key), group]));
  return accepted.map((number) => {
    const group = found.get(keyText(keys[number]!));
    const isRight = plan.terms.every(
      ({ kind }, i) =>
        kind !== 'count' || group?.terms[i] === BigInt(rows[partitionOf[i]!]![number]!),
    );
    if (group !== undefined && isRight) return group;
    throw new OpalineError('DENIED', { reason: 'the answer is not of the rows of the table' });
  });
}

function refusalOf({ reasons }: AuditVerdict, floor: number): ReleaseRefusal {
  // No group at all: nobody is behind it.
  const [kind = 'cohort'] = reasons.values();
  return { kind, floor };
}

const denied = (refusal: ReleaseRefusal): OpalineError =>
  new OpalineError('DENIED', { reason: refusalText(refusal) });

function labelOf({ principal, purposeName, plan }: ReleaseRequest): string {
  const terms = plan.kind === 'aggregate' ? plan.terms.length : 0;
  const what = `${terms} figure${terms === 1 ? '' : 's'}`;
  return [principal?.name, purposeName, what]
    .filter((part) => part !== undefined)
    .join(', ')
    .slice(0, 200);
}

/** Of a query, the rules that it is answered by, and the rows that count. */
function digestOf(
  plan: AggregatePlan,
  settings: ReleaseSettings,
  floor: number,
  live: Uint8Array,
): Uint8Array {
  const text = JSON.stringify([plan, settings, floor], (_, value: unknown) =>
    typeof value === 'bigint' ? { integer: value.toString() } : value,
  );
  // Rows that came later, and do not count, are numbered after the last that does: the same rows are the same.
  const last = live.findLastIndex((flag) => flag !== 0);
  const [query, rows] = [sha256(utf8(text)), sha256(live.subarray(0, last + 1))];
  return sha256(Uint8Array.from([...query, ...rows]));
}
