import type { Parameters } from '../params/parameters.ts';
import { realParameters, sumParameters } from '../params/presets.ts';
import type { VaultSecrets } from '../keys/secret.ts';
import { finishAggregate, finishSelect } from '../plan/finish.ts';
import type { Leakage } from '../plan/leakage.ts';
import type { DeletePlan, GroupResult, Plan, Predicate, ScorePlan } from '../plan/physical.ts';
import type { ResultTable } from '../plan/result.ts';
import { requireCapabilities } from '../plan/capabilities.ts';
import { type SetPredicate, toSetPredicate } from '../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import { MeteredLink } from '../store/metered-link.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { Value } from '../table/value.ts';
import type { ReplyEngines } from './aggregate.ts';
import { openLocated } from './checked-rows.ts';
import type { Custody } from './custody/custody.ts';
import { selectDelta } from './delta.ts';
import {
  type HiddenFilter,
  hiddenFilter,
  prepareGroups,
  type PreparedGroups,
} from './grouping/prepare.ts';
import { REFERENCE_SPEEDS, type Speeds } from './grouping/speeds.ts';
import type { WayEstimate } from './grouping/ways.ts';
import { type Located, locateRows } from './locate.ts';
import { type LookupCost, lookupCosts, planLeakage, type SumTraits } from './leakage.ts';
import type { OpenTable } from './open-table.ts';
import { type Page, type PageRequest, readPage } from './pages.ts';
import { PreviewLink } from './preview-link.ts';
import { executeRows, prepareRows } from './rows.ts';
import type { PreparedScores } from './score/score-rows.ts';
import type { SumOutput } from './sum-layout.ts';
import { isFalsified, type ReleaseStanding } from './verified/falsified.ts';
import { type VerificationCost, verificationCost } from './verified/cost.ts';
import type { VerifiedLink } from './verified/verified-link.ts';

/** What left the gate, and what it took. */
export interface Release {
  readonly result: ResultTable;
  /** What the result of an aggregate is made of. */
  readonly groups?: readonly GroupResult[];
  readonly leakage: readonly Leakage[];
  /** Rows the filter selected. */
  readonly rowsMatched: number;
  readonly rounds: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Largest proved noise bound over its limit; null when nothing was summed. */
  readonly bound: number | null;
  /** The store's answer was verified; absent: it was taken as it came. */
  readonly verified?: true;
}

export interface ReleaseOptions extends CallOptions {
  /**
   * Verify what the store answers, and refuse what does not verify: for whoever is not the owner. An answer that does not
   * freezes the releases of this standing.
   */
  readonly verified?: ReleaseStanding;
}

/** What a plan would send and prove, without sending it. */
export interface Preview {
  readonly leakage: readonly Leakage[];
  readonly outputs: readonly SumOutput[];
  readonly tokens: number;
  /** Of indexes that have a part for each column. */
  readonly lookups: readonly LookupCost[];
  readonly rounds: number;
  readonly segments: number;
  /** Some records are fetched to be tested against a pattern. */
  readonly tested: boolean;
  /** Bytes of an aggregate's reply if every group were present. */
  readonly replyBytes: number;
  /** How a query's groups could be made, and how they would be. */
  readonly ways: readonly WayEstimate[];
  /** Of its sums. */
  readonly parameters: Parameters;
  /** What verifying its answer takes besides; undefined: some segment has nothing to verify by. */
  readonly verification: VerificationCost | undefined;
  /** The columns that the store hears nothing of: all groups are summed, or all rows sent, whatever the filter says. */
  readonly hidden?: { readonly by: HiddenFilter['kind']; readonly columns: readonly string[] };
}

/** The same of a score plan. */
export interface ScorePreview {
  readonly prepared: PreparedScores;
  readonly leakage: readonly Leakage[];
}

/**
 * The one way to a plaintext: every decryption and every opened record of a query passes here. In
 * owner mode (no policy) everything is allowed and the answer goes to the owner alone; the order of
 * the steps is already the one a policy hooks into: prove, send, decrypt, release.
 */
export class Gate {
  private readonly secrets: VaultSecrets;
  private readonly link: StoreLink;
  private readonly parameters: Parameters = sumParameters(48);

  private readonly speeds: () => Promise<Speeds>;
  private readonly custody: () => Promise<Custody | undefined>;

  /**
   * @param speeds of this machine, for the choice between ways to make groups
   * @param custody who decrypts the sums of divided tables; asked for when one is queried
   */
  constructor(
    secrets: VaultSecrets,
    link: StoreLink,
    speeds: () => Promise<Speeds> = () => Promise.resolve(REFERENCE_SPEEDS),
    custody: () => Promise<Custody | undefined> = () => Promise.resolve(undefined),
  ) {
    this.secrets = secrets;
    this.speeds = speeds;
    this.link = link;
    this.custody = custody;
  }

  /**
   * Run a plan on a table and release its answer: to the owner, or verified.
   * @throws ANSWER_FALSIFIED, RELEASES_FROZEN of a release that is verified
   */
  async release(plan: Plan, table: OpenTable, options: ReleaseOptions = {}): Promise<Release> {
    const { verified, ...call } = options;
    return await this.over(verified, table, (link, verifier) =>
      this.answer(plan, table, link, call, verifier),
    );
  }

  /** Run over the store's link as it is, or over one that verifies. */
  private async over(
    standing: ReleaseStanding | undefined,
    table: OpenTable,
    run: (
      link: StoreLink,
      verifier?: VerifiedLink,
    ) => Promise<Omit<Release, 'bytesUp' | 'bytesDown'>>,
  ): Promise<Release> {
    const link = new MeteredLink(this.link);
    if (standing === undefined) return { ...(await run(link)), ...bytesOf(link) };
    await standing.requireOpen();
    const { VerifiedLink } = await verifying();
    try {
      const verifier = new VerifiedLink(link, { secrets: this.secrets, table });
      const { rounds, ...released } = await run(verifier, verifier);
      // Lists are opened in two round trips.
      return { ...released, rounds: rounds + 2, ...bytesOf(link), verified: true };
    } catch (error) {
      if (!isFalsified(error)) throw error;
      await standing.freeze();
      throw new OpalineError('ANSWER_FALSIFIED', {});
    }
  }

  private async answer(
    plan: Plan,
    table: OpenTable,
    link: StoreLink,
    options: CallOptions,
    verifier: VerifiedLink | undefined,
  ): Promise<Omit<Release, 'bytesUp' | 'bytesDown'>> {
    const hidden = hiddenOf(plan, table);
    const filter = filterOf(hidden?.plan ?? plan, table);
    if (plan.kind === 'select') {
      const prepared = await prepareRows(plan, filter, table, link);
      const rows = [
        ...(await executeRows(plan, prepared, table, link, options)),
        ...(await selectDelta(plan, table)),
      ];
      return {
        result: finishSelect(plan, table.schema, rows),
        leakage: await planLeakage(plan, prepared.uses, table),
        rowsMatched: rows.length,
        bound: null,
        rounds: 2 + prepared.uses.roundsBefore,
      };
    }
    const custodians = await this.custodyOf(table);
    const custody = custodians && (verifier?.openedBy(custodians) ?? custodians);
    const parameters = custody?.parameters ?? this.parameters;
    const { speeds } = this;
    const prepared = await prepareGroups(plan, filter, table, link, parameters, speeds, hidden);
    if (verifier !== undefined) (await checking()).requireCheckable(prepared.outputs);
    const engines: ReplyEngines = {
      sum: () => this.secrets.sums(parameters),
      column: () => this.secrets.engine(parameters),
      product: () => this.secrets.productSums(),
      custody,
    };
    const execution = { link, parameters, engines, options };
    const { groups, rowsMatched, rounds } = await prepared.run(execution);
    return {
      result: finishAggregate(plan, table.schema, groups),
      groups,
      leakage: [
        ...prepared.leakage,
        ...(await planLeakage(plan, prepared.uses, table, traitsOf(prepared))),
      ],
      rowsMatched,
      bound: noiseShare(prepared.outputs),
      rounds,
    };
  }

  /** Who decrypts a table's sums; undefined: the vault itself. @throws KEY_MISSING */
  private async custodyOf({ schema }: OpenTable): Promise<Custody | undefined> {
    if (schema.custody === undefined) return undefined;
    const custody = await this.custody();
    if (custody !== undefined) return custody;
    throw new OpalineError('KEY_MISSING', {
      what: `table "${schema.table}": it knows no custodians`,
    });
  }

  /** Score rows one by one and release the scores to the owner, rounded to what is proved of them. */
  async score(plan: ScorePlan, table: OpenTable, options: ReleaseOptions = {}): Promise<Release> {
    const { verified, ...call } = options;
    return await this.over(verified, table, (link) => this.scored(plan, table, link, call));
  }

  private async scored(
    plan: ScorePlan,
    table: OpenTable,
    link: StoreLink,
    options: CallOptions,
  ): Promise<Omit<Release, 'bytesUp' | 'bytesDown'>> {
    const { executeScores, SEGMENTS_AT_ONCE } = await import('./score/score-rows.ts');
    const { releaseScores } = await import('./score/release-scores.ts');
    const { scoreLeakage } = await import('./score/leakage.ts');
    const prepared = await this.prepareScores(plan, table, link);
    const scores = await executeScores(prepared, link, () => this.secrets.realEngine(), options);
    const calls = Math.ceil(table.manifest.segments.length / SEGMENTS_AT_ONCE);
    const { result, rowsMatched, fetches } = await releaseScores(prepared, scores, link, options);
    return {
      result,
      rowsMatched,
      leakage: await scoreLeakage(prepared, table),
      bound: null,
      rounds: calls + fetches + prepared.uses.roundsBefore,
    };
  }

  /** Everything of a score plan but the sending. */
  async previewScore(plan: ScorePlan, table: OpenTable): Promise<ScorePreview> {
    const { scoreLeakage } = await import('./score/leakage.ts');
    const prepared = await this.prepareScores(plan, table, new PreviewLink(this.link));
    return { prepared, leakage: await scoreLeakage(prepared, table) };
  }

  private async prepareScores(
    plan: ScorePlan,
    table: OpenTable,
    link: StoreLink,
  ): Promise<PreparedScores> {
    const filter = filterOf({ ...plan, kind: 'delete' }, table);
    const { prepareScores } = await import('./score/score-rows.ts');
    return await prepareScores(plan, filter, table, link, realParameters());
  }

  /** The rows that a DELETE names. The store learns them, as of any filter. */
  async locate(plan: DeletePlan, table: OpenTable, options: CallOptions = {}): Promise<Located> {
    return await locateRows(plan, filterOf(plan, table), table, this.link, options);
  }

  /** The next rows of a table that a filter selects, opened for the owner. */
  async page(request: PageRequest, table: OpenTable, options: CallOptions = {}): Promise<Page> {
    // Refused before anything is sent, as any query is.
    filterOf({ kind: 'delete', table: table.schema.table, filter: request.filter }, table);
    return await readPage(request, table, this.link, options);
  }

  /** Rows that were located, opened one after the other and checked to match. */
  opened(
    filter: Predicate,
    found: Located,
    table: OpenTable,
    options: CallOptions = {},
  ): AsyncIterable<readonly Value[]> {
    return openLocated(filter, found, table, this.link, options);
  }

  /** Everything but the sending: tokens are made and dropped, bounds proved. */
  async preview(plan: Plan, table: OpenTable): Promise<Preview> {
    const hidden = hiddenOf(plan, table);
    const filter = filterOf(hidden?.plan ?? plan, table);
    const link = new PreviewLink(this.link);
    const segments = table.manifest.segments.length;
    if (plan.kind === 'select') {
      const { uses } = await prepareRows(plan, filter, table, link);
      return {
        leakage: await planLeakage(plan, uses, table),
        outputs: [],
        tokens: uses.tokens,
        lookups: await lookupCosts(uses, table),
        tested: uses.tested > 0,
        rounds: 2 + uses.roundsBefore,
        segments,
        replyBytes: 0,
        ways: [],
        parameters: this.parameters,
        verification: await verificationCost(table, uses.tokens, [], 0),
      };
    }
    const parameters = (await this.custodyOf(table))?.parameters ?? this.parameters;
    const { speeds } = this;
    const prepared = await prepareGroups(plan, filter, table, link, parameters, speeds, hidden);
    const { uses, outputs, replyBytes } = prepared;
    return {
      leakage: [...prepared.leakage, ...(await planLeakage(plan, uses, table, traitsOf(prepared)))],
      outputs,
      tokens: uses.tokens,
      lookups: await lookupCosts(uses, table),
      tested: uses.tested > 0,
      rounds: prepared.mostRounds,
      ways: prepared.ways,
      segments,
      replyBytes,
      parameters,
      verification: await verificationCost(table, uses.tokens, outputs, replyBytes),
      ...(hidden && {
        hidden: {
          by: hidden.kind,
          columns: hidden.kind === 'sums' ? [hidden.column] : hidden.columns,
        },
      }),
    };
  }
}

/** What an unverified release does not load. */
const verifying = (): Promise<typeof import('./verified/verified-link.ts')> =>
  import('./verified/verified-link.ts');
const checking = (): Promise<typeof import('./verified/check-sums.ts')> =>
  import('./verified/check-sums.ts');

/** @throws CAPABILITY_MISSING */
function hiddenOf(plan: Plan, { schema }: OpenTable): HiddenFilter | undefined {
  return plan.kind === 'aggregate' ? hiddenFilter(plan, schema) : undefined;
}

/** @throws CAPABILITY_MISSING */
function filterOf(plan: Plan | DeletePlan, table: OpenTable): SetPredicate {
  const { schema } = table;
  const filter = toSetPredicate(
    plan.filter,
    (column) => schema.columns[table.columnIndex(column)]?.nullable ?? true,
  );
  requireCapabilities(plan, filter, schema);
  return filter;
}

function bytesOf(link: MeteredLink): { bytesUp: number; bytesDown: number } {
  const { bytesUp, bytesDown } = link.traffic;
  return { bytesUp, bytesDown };
}

const traitsOf = (prepared: PreparedGroups): SumTraits => ({
  multiplies: prepared.outputs.some(({ kind }) => kind === 'product'),
  selectsGroups: prepared.selectsGroups,
  countsHere: prepared.countsHere,
  sendsColumns: prepared.sendsColumns,
});

function noiseShare(outputs: readonly SumOutput[]): number | null {
  if (outputs.length === 0) return null;
  return Math.max(
    ...outputs.map(({ noise: { bound, limit } }) => {
      const share =
        (1_000_000_000_000n * bound.numerator * limit.denominator) /
        (bound.denominator * limit.numerator);
      return Number(share) / 1e12;
    }),
  );
}
