import { OpalineError } from '../../errors/opaline-error.ts';
import { SeededRandom } from '../attacks/seeded-random.ts';
import type { SuiteEffort } from './effort.ts';
import { firstRows } from './first-rows.ts';
import { growthOf } from './growth.ts';
import { noRoomFor } from './heap-room.ts';
import { processMemory } from './memory.ts';
import { reasonOf, type Ready, ReadySchemes } from './prepared.ts';
import { measurePrivacy } from './privacy/measure-privacy.ts';
import { median } from './quantiles.ts';
import type { Growth, LeftOut, Measurement, Privacy } from './result.ts';
import { type Contender, type Outcome, takeTurns } from './runner.ts';
import type { Answer, LabTable, PreparedScheme, Question, Scheme } from './scheme.ts';
import type { SuiteContext } from './suite.ts';
import { errorOf, truthOf } from './truth.ts';

/** A question under the name that its measurements bear. */
export interface Asking {
  readonly label: string;
  readonly question: Question;
}

export interface WorkloadMeasurements {
  readonly measurements: Measurement[];
  readonly growth: Growth[];
  readonly leftOut: LeftOut[];
}

/** Stands for every scheme, where something was left out. */
const ALL = 'all';

/** Rows up to which all schemes are ready at once and take turns; beyond, one scheme after another. */
const TOGETHER = 1_000_000;

/**
 * Asks every question of every scheme over tables of growing size. Schemes take turns in an order drawn anew each
 * round. What a scheme shows is measured at the first size, on the same prepared table.
 * @param asking the questions of a table
 * @throws ABORTED
 */
export async function measureWorkloads(
  context: SuiteContext,
  effort: SuiteEffort,
  asking: (table: LabTable) => readonly Asking[],
): Promise<WorkloadMeasurements> {
  const state: State = {
    context,
    effort,
    asking: perTable(asking),
    found: { measurements: [], leftOut: [] },
    privacy: new Map(),
    last: new Map(),
  };
  for (const [i, rows] of effort.sizes.entries()) {
    const table = await tableOf(rows, state, i === 0);
    if (table === undefined) continue;
    const ready = context.schemes.flatMap((scheme) => {
      const fitting = tableFor(scheme, table, state, i === 0);
      return fitting === undefined ? [] : [{ scheme, table: fitting }];
    });
    const batches = rows > TOGETHER ? ready.map((one) => [one]) : [ready];
    for (const [b, batch] of batches.entries()) {
      const share = (part: number): number =>
        sizeShare(effort.sizes, i) * ((b + part) / batches.length) + sharesBefore(effort.sizes, i);
      await measureBatch(state, batch, share);
      await context.onFound?.({ ...withGrowth(state), ablations: [] });
    }
  }
  return withGrowth(state);
}

function withGrowth({ context, found }: State): WorkloadMeasurements {
  const byName = new Map(context.schemes.map((scheme) => [scheme.name, scheme]));
  const growth = growthOf(found.measurements, (label, name) => {
    const workload = label.split(':', 1)[0]! as Question['workload'];
    return byName.get(name)?.expectedGrowth?.(workload) ?? null;
  });
  return { ...found, growth };
}

/** Undefined: there is no table of that size, and what there is of smaller ones is not to be lost for it. */
async function tableOf(
  rows: number,
  { context, found }: State,
  isFirst: boolean,
): Promise<LabTable | undefined> {
  const leave = (reason: string): void => void found.leftOut.push({ scheme: ALL, rows, reason });
  const reason = noRoomFor(rows);
  if (reason !== undefined && !isFirst) {
    leave(reason);
    return undefined;
  }
  try {
    return await context.data.table(rows);
  } catch (error) {
    if (isFirst || context.signal.aborted) throw error;
    leave(`making the table failed: ${reasonOf(error)}`);
    return undefined;
  }
}

/** What a table is asked is worked out from all its rows: once, not for each scheme. */
function perTable<T>(make: (table: LabTable) => T): (table: LabTable) => T {
  const made = new WeakMap<LabTable, T>();
  return (table) => {
    const known = made.get(table);
    if (known !== undefined) return known;
    const value = make(table);
    made.set(table, value);
    return value;
  };
}

const truthsOf = perTable((): Map<string, Answer['values']> => new Map());

/** Likewise the right answers. */
function knownTruth(question: Question, table: LabTable): Answer['values'] {
  const truths = truthsOf(table);
  const key = JSON.stringify(question);
  let truth = truths.get(key);
  if (truth === undefined) {
    truth = truthOf(question, table);
    truths.set(key, truth);
  }
  return truth;
}

interface State {
  readonly context: SuiteContext;
  readonly effort: SuiteEffort;
  readonly asking: (table: LabTable) => readonly Asking[];
  readonly found: Omit<WorkloadMeasurements, 'growth'>;
  /** By label and scheme, from the first size. */
  readonly privacy: Map<string, Privacy>;
  /** What a scheme took at the size before. */
  readonly last: Map<string, { rows: number; prepareMs: number; answers: Map<string, number> }>;
}

/** Larger tables take about as much longer: for the bar alone. */
function sizeShare(sizes: readonly number[], i: number): number {
  const weight = (rows: number): number => Math.sqrt(rows);
  const total = sizes.reduce((sum, rows) => sum + weight(rows), 0);
  return weight(sizes[i]!) / total;
}

function sharesBefore(sizes: readonly number[], i: number): number {
  return sizes.slice(0, i).reduce((sum, _, at) => sum + sizeShare(sizes, at), 0);
}

/** The table that a scheme is measured on at this size: at the first as much of it as it takes. Undefined: none. */
function tableFor(
  { name, mostRows = Infinity }: Scheme,
  table: LabTable,
  { effort, found, last }: State,
  isFirst: boolean,
): LabTable | undefined {
  const { rows } = table;
  if (rows > mostRows) {
    if (isFirst) return firstRows(table, mostRows);
    found.leftOut.push({
      scheme: name,
      rows,
      reason: `it is measured on at most ${mostRows} rows`,
    });
    return undefined;
  }
  const before = last.get(name);
  if (!isFirst && before === undefined) return undefined;
  const expected = before === undefined ? 0 : (before.prepareMs * rows) / before.rows;
  if (expected <= effort.prepareMs) return table;
  const reason = `preparing it would take about ${Math.round(expected / 1000)} s`;
  found.leftOut.push({ scheme: name, rows, reason });
  return undefined;
}

async function measureBatch(
  state: State,
  batch: readonly { scheme: Scheme; table: LabTable }[],
  share: (part: number) => number,
): Promise<void> {
  const { context, effort, found, last } = state;
  const memory = processMemory();
  await using ready = new ReadySchemes(memory);
  for (const [i, { scheme, table }] of batch.entries()) {
    context.onProgress(share((0.4 * i) / batch.length), `preparing ${scheme.name}`);
    const failed = await ready.add(scheme, table, context);
    if (failed !== undefined) found.leftOut.push(failed);
  }
  const contests = ready.all.flatMap((one) => contestsOf(one, state));
  const outcomes = await takeTurns(contests, effort.limits, {
    clock: context.clock,
    random: new SeededRandom(effort.sizes.length + contests.length),
    memory,
    signal: context.signal,
    onProgress: (done, total) => context.onProgress(share(0.4 + (0.4 * done) / total), 'answering'),
  });
  for (const { scheme, table, ms } of ready.all) {
    last.set(scheme.name, { rows: table.rows, prepareMs: ms, answers: new Map() });
  }
  for (const [i, contest] of contests.entries()) {
    context.onProgress(
      share(0.8 + (0.2 * i) / contests.length),
      `attacking ${contest.scheme.name}`,
    );
    try {
      await judge(contest, outcomes[i]!, state);
    } catch (failure) {
      if (context.signal.aborted) throw new OpalineError('ABORTED', {});
      const { scheme, label, table } = contest;
      const reason = `looking at its answer failed: ${reasonOf(failure)}`;
      found.leftOut.push({ scheme: scheme.name, workload: label, rows: table.rows, reason });
    }
  }
}

interface Contest extends Contender<Answer | undefined>, Ready, Asking {}

function contestsOf(ready: Ready, { asking, effort, found, last }: State): Contest[] {
  const { scheme, prepared, table } = ready;
  const before = last.get(scheme.name);
  return asking(table).flatMap(({ label, question }) => {
    const known = before?.answers.get(label);
    // At a larger size only what was answered at the one before.
    if (before !== undefined && known === undefined) return [];
    const expected = before === undefined ? 0 : (known! * table.rows) / before.rows;
    if (expected > effort.answerMs) {
      const reason = `an answer would take about ${(expected / 1000).toPrecision(2)} s`;
      found.leftOut.push({ scheme: scheme.name, workload: label, rows: table.rows, reason });
      return [];
    }
    const run = async (): Promise<Answer | undefined> => await prepared.answer(question);
    return [{ ...ready, label, question, run }];
  });
}

/** Turns what was timed into a measurement, or into the reason why there is none. */
async function judge(
  contest: Contest,
  outcome: Outcome<Answer | undefined>,
  state: State,
): Promise<void> {
  const { context, effort, found, privacy, last } = state;
  const { scheme, prepared, table, label, question } = contest;
  const leave = (reason: string): void => {
    found.leftOut.push({ scheme: scheme.name, workload: label, rows: table.rows, reason });
  };
  if ('failure' in outcome) {
    if (context.signal.aborted) throw new OpalineError('ABORTED', {});
    leave(`answering failed: ${reasonOf(outcome.failure)}`);
    return;
  }
  const { last: answer, ms } = outcome;
  // What a scheme does not answer is no failure, and is seen from its absence.
  if (answer === undefined || ms.length === 0) return;
  const error = errorOf(answer.values, knownTruth(question, table));
  if (error === undefined) {
    leave('it answered with another number of values than the plaintext, or with none');
    return;
  }
  last.get(scheme.name)?.answers.set(label, median(ms));
  const key = JSON.stringify([label, scheme.name]);
  let shown = privacy.get(key);
  if (shown === undefined) {
    try {
      shown = await measurePrivacy(prepared, question, answer, table, effort.privacy, context);
    } catch (failure) {
      if (context.signal.aborted) throw new OpalineError('ABORTED', {});
      leave(`attacking it failed: ${reasonOf(failure)}`);
      return;
    }
    privacy.set(key, shown);
  }
  found.measurements.push({
    workload: label,
    scheme: scheme.name,
    rows: table.rows,
    ms,
    ...bytesOf(prepared, question, answer),
    rssPeakBytes: outcome.rssPeakBytes,
    wasmPeakBytes: plus(contest.wasmBytes, outcome.wasmPeakBytes),
    error,
    noiseMarginBits: answer.noiseMarginBits ?? null,
    privacy: shown,
  });
}

function bytesOf(
  prepared: PreparedScheme,
  { workload }: Question,
  { bytesUp, bytesDown }: Answer,
): Pick<Measurement, 'bytesUp' | 'bytesDown' | 'bytesAtRest' | 'bytesKeys'> {
  const { atRest, keys } = prepared.bytes(workload);
  return {
    bytesUp: bytesUp ?? null,
    bytesDown: bytesDown ?? null,
    bytesAtRest: atRest,
    bytesKeys: keys,
  };
}

const plus = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a + b;
