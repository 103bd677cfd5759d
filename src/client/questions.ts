import { OpalineError } from '../errors/opaline-error.ts';
import type { Gate, Release, ReleaseOptions } from '../gate/gate.ts';
import type { OpenTable } from '../gate/open-table.ts';
import type { ReleaseStanding } from '../gate/verified/falsified.ts';
import type { Parameter } from '../plan/parameter.ts';
import type { Catalog } from '../plan/plan-query.ts';
import { ParsedStatements } from '../plan/sql/parsed-statements.ts';
import type { Analysis } from '../plan/statistics/plans.ts';
import type {
  AnovaRequest,
  AnovaResult,
  Explanation,
  QueryOptions,
  QueryResult,
  RegressRequest,
  RegressResult,
  ScoreOptions,
  ScoreRowsOptions,
} from './api.ts';
import { errorStats } from './error-stats.ts';
import { type KnownTables, type Planner, schemasOf } from './known-tables.ts';

/** Whatever is asked of a vault's tables: planned on them as they are, and released to the owner. */
export class Questions {
  private readonly gate: Gate;
  private readonly tables: KnownTables;
  private readonly standing: ReleaseStanding | undefined;
  private readonly allow: () => Promise<void>;
  private readonly statements = new ParsedStatements();
  /** Loaded by the first query: asking for a module again takes longer than planning. */
  private planning: Promise<typeof import('../plan/plan-query.ts')> | undefined;

  /**
   * @param standing of verified answers
   * @param allow rejects where nothing is answered but through a policy's gate
   */
  constructor(
    gate: Gate,
    tables: KnownTables,
    standing: ReleaseStanding | undefined,
    allow: () => Promise<void>,
  ) {
    this.standing = standing;
    this.allow = allow;
    this.gate = gate;
    this.tables = tables;
  }

  /** Plan SQL on the tables there are. */
  async planner(sql: string, parameters: readonly Parameter[]): Promise<Planner> {
    const { planQuery } = await (this.planning ??= import('../plan/plan-query.ts'));
    const parse = (text: string): ReturnType<ParsedStatements['parse']> =>
      this.statements.parse(text);
    return (catalog) => planQuery(sql, parameters, catalog, parse);
  }

  async answer(planner: Planner, options: QueryOptions): Promise<QueryResult> {
    const started = performance.now();
    await this.allow();
    const release = await this.tables.untilSettled(async () => {
      const { plan, table } = await this.tables.plan(planner);
      return await this.gate.release(plan, table, this.releaseOptions(options));
    });
    return resultOf(release, started);
  }

  /** What a plan would cost and leak. */
  async explain(planner: Planner): Promise<Explanation> {
    const { explainPlan } = await import('./explain.ts');
    const { plan, table } = await this.tables.plan(planner);
    return explainPlan(plan, table, await this.gate.preview(plan, table));
  }

  async regress(request: RegressRequest, options: QueryOptions): Promise<RegressResult> {
    const { planRegression } = await import('../plan/statistics/plans.ts');
    const { y, x, intercept = true } = request;
    return await this.analyse(
      (catalog) => planRegression(request, { y, x, intercept }, catalog),
      options,
    );
  }

  async anova(request: AnovaRequest, options: QueryOptions): Promise<AnovaResult> {
    const { planOneWay } = await import('../plan/statistics/plans.ts');
    return await this.analyse((catalog) => planOneWay(request, request, catalog), options);
  }

  /** One query, and what is computed from its released answer. */
  private async analyse<T>(
    planner: (catalog: Catalog) => Promise<Analysis<T>>,
    options: QueryOptions,
  ): Promise<T & Pick<QueryResult, 'leakage' | 'stats'>> {
    let analysis: Analysis<T> | undefined;
    const { rows, leakage, stats } = await this.answer(async (catalog) => {
      analysis = await planner(catalog);
      return analysis.plan;
    }, options);
    return { ...analysis!.finish(rows), leakage, stats };
  }

  async score(options: ScoreOptions): Promise<QueryResult> {
    const started = performance.now();
    await this.allow();
    const { parseModel } = await import('./score/model.ts');
    const { approximated, scoreQuery, scoreRange } = await import('./score/score-query.ts');
    const { planQuery } = await import('../plan/plan-query.ts');
    const { table: name, parameters = [], weights, intercept, link } = options;
    const model = parseModel({ weights, intercept, link });
    return await this.tables.untilSettled(async () => {
      const table = await this.tableNamed(name);
      // Of this epoch of the table, and so is the query.
      const range = await scoreRange(table, model);
      const { sql, error } = scoreQuery(options, model, range, table.schema);
      const plan = await planQuery(sql, parameters, { schemas: schemasOf([table]) });
      const result = resultOf(
        await this.gate.release(plan, table, this.releaseOptions(options)),
        started,
      );
      return error === 0 ? result : approximated(result, error);
    });
  }

  async scoreRows(options: ScoreRowsOptions): Promise<QueryResult> {
    const started = performance.now();
    await this.allow();
    const { planRowScores } = await import('./score/row-scores.ts');
    return await this.tables.untilSettled(async () => {
      const table = await this.tableNamed(options.table);
      const plan = await planRowScores(options, table);
      return resultOf(await this.gate.score(plan, table, this.releaseOptions(options)), started);
    });
  }

  async explainScoreRows(options: ScoreRowsOptions): Promise<Explanation> {
    const { planRowScores } = await import('./score/row-scores.ts');
    const { explainScores } = await import('./score/explain-scores.ts');
    const table = await this.tableNamed(options.table);
    return explainScores(await this.gate.previewScore(await planRowScores(options, table), table));
  }

  private releaseOptions({ verified, ...call }: QueryOptions): ReleaseOptions {
    if (verified !== true) return call;
    if (this.standing !== undefined) return { ...call, verified: this.standing };
    throw new OpalineError('NOT_YET_AVAILABLE', { feature: 'a verified answer in a page' });
  }

  /** @throws UNKNOWN_TABLE */
  private async tableNamed(name: string): Promise<OpenTable> {
    const tables = await this.tables.load();
    const table = tables.find(({ schema }) => schema.table === name);
    if (table !== undefined) return table;
    const known = tables.map(({ schema }) => schema.table);
    throw new OpalineError('UNKNOWN_TABLE', { table: name, known });
  }
}

function resultOf(release: Release, started: number): QueryResult {
  const { result, leakage, rowsMatched, bytesUp, bytesDown, rounds, bound, verified } = release;
  const { columns, rows, errors } = result;
  const stats = {
    ms: performance.now() - started,
    rowsMatched,
    bytesUp,
    bytesDown,
    rounds,
    bound,
    ...errorStats(errors ?? []),
    ...(verified && { verified }),
  };
  return { columns, rows, leakage, stats };
}
