import { OpalineError } from '../../errors/opaline-error.ts';
import { finishSelect } from '../../plan/finish.ts';
import type { SelectPlan } from '../../plan/physical.ts';
import type { Cell, ResultTable } from '../../plan/result.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { interpretScores } from '../../plan/score/interpret-score.ts';
import type { Value } from '../../table/value.ts';
import { openMatching } from '../checked-rows.ts';
import type { PreparedScores, RowScores } from './score-rows.ts';

/** Records fetched and opened at a time. */
const STEP = 1024;

/** One scored row: of a segment, or at −1 of the small appends. */
interface Place {
  readonly segment: number;
  readonly row: number;
  readonly score: number;
}

/**
 * The result of a score plan: the columns that it names, from the rows' records, or where the row is
 * (stable until its segment is made anew); then the score. All rows in the order of the table, or those of
 * the highest scores.
 */
export async function releaseScores(
  prepared: PreparedScores,
  scores: RowScores,
  link: StoreLink,
  options: CallOptions,
): Promise<{ result: ResultTable; rowsMatched: number; fetches: number }> {
  const { plan, error } = prepared;
  const all = placesOf(scores);
  const places = plan.top === undefined ? all : highest(all, plan.top);
  const { columns, rows, fetches } =
    plan.select.length === 0
      ? { columns: ['row'], rows: places.map((place) => [nameOf(place, scores)]), fetches: 0 }
      : await openPlaces(prepared, scores, places, link, options);
  return {
    result: {
      columns: [...columns, 'score'],
      rows: rows.map((cells, i): Cell[] => [...cells, places[i]!.score]),
      errors: [...columns.map(() => null), error],
    },
    rowsMatched: all.length,
    fetches,
  };
}

function placesOf({ segments, delta }: RowScores): Place[] {
  const out: Place[] = [];
  segments.forEach(({ rows, scores }, segment) => {
    rows.forEach((row, i) => out.push({ segment, row, score: scores[i]! }));
  });
  for (const { position, score } of delta) out.push({ segment: -1, row: position, score });
  return out;
}

/** Ties by place. */
function highest(places: readonly Place[], top: number): Place[] {
  return [...places].sort((a, b) => b.score - a.score).slice(0, top);
}

function nameOf({ segment, row }: Place, { segments }: RowScores): string {
  return segment < 0 ? `new/${row}` : `${segments[segment]!.entry.id}/${row}`;
}

/**
 * The selected columns' cells of each place. Records are checked to match the filter, and the scores to be
 * theirs: whoever computed something else, to see which rows come out highest, is found out at once.
 */
async function openPlaces(
  prepared: PreparedScores,
  { segments }: RowScores,
  places: readonly Place[],
  link: StoreLink,
  options: CallOptions,
): Promise<{ columns: string[]; rows: Cell[][]; fetches: number }> {
  const { plan, table } = prepared;
  const cells: (readonly Value[])[] = [];
  const delta = await table.deltaRows();
  const bySegment = new Map<number, number[]>();
  places.forEach(({ segment, row }, i) => {
    if (segment < 0) cells[i] = delta[row]!;
    else numbersOf(bySegment, segment).push(i);
  });
  let fetches = 0;
  for (const [segment, numbers] of bySegment) {
    numbers.sort((a, b) => places[a]!.row - places[b]!.row);
    const { entry } = segments[segment]!;
    for (let from = 0; from < numbers.length; from += STEP) {
      const some = numbers.slice(from, from + STEP);
      const rows = Uint32Array.from(some, (i) => places[i]!.row);
      const opened = await openMatching(plan.filter, entry, rows, table, link, options);
      opened.forEach((record, i) => {
        checkScore(prepared, places[some[i]!]!.score, record);
        cells[some[i]!] = record;
      });
      fetches++;
    }
  }
  const at = plan.select.map((name) => table.columnIndex(name));
  const select: SelectPlan = {
    kind: 'select',
    table: plan.table,
    filter: plan.filter,
    output: plan.select.map((name) => ({ name, expression: { kind: 'column', column: name } })),
    orderBy: [],
    columns: plan.select,
  };
  const values = cells.map((record) => at.map((place) => record[place] ?? null));
  const { columns, rows } = finishSelect(select, table.schema, values);
  return { columns, rows, fetches };
}

/** A score in doubles is off by so much more. */
const OWN = 2 ** -50;

/** @throws BYTES_INVALID for a score that is farther from its record's than was proved */
function checkScore(
  { plan, table, error }: PreparedScores,
  found: number,
  record: readonly Value[],
): void {
  const [plain] = interpretScores(plan, table.schema, [record]);
  const score = plain?.score ?? Number.NaN;
  if (Math.abs(found - score) <= error + OWN * Math.abs(score)) return;
  throw new OpalineError('BYTES_INVALID', {
    what: 'a scores reply',
    reason: 'a score is not that of its row',
  });
}

function numbersOf(bySegment: Map<number, number[]>, segment: number): number[] {
  const known = bySegment.get(segment);
  if (known !== undefined) return known;
  const made: number[] = [];
  bySegment.set(segment, made);
  return made;
}
