import { CHECKS, type CheckId, checkResult } from '../../../../src/policy/assessment/checks.ts';
import type { CheckResult } from '../../../../src/policy/assessment/checks.ts';
import { type Context, NOTHING_STATED } from '../../../../src/policy/assessment/context.ts';
import {
  type DataMap,
  dataMap,
  type DescribedColumn,
  type DescribedTable,
  type Exposure,
} from '../../../../src/policy/assessment/data-map.ts';
import type { Purpose } from '../../../../src/policy/document.ts';

export const NOW: number = Date.UTC(2026, 0, 1);
export const DAY_MS = 86_400_000;

export function column(
  name: string,
  category: string | null,
  exposure: Exposure = 'queries',
  more: Partial<DescribedColumn> = {},
): DescribedColumn {
  const indexes = [{ index: exposure === 'rest' ? 'ore' : 'sse', exposure, shows: [] }];
  return { name, type: 'integer', category, derived: [], computed: true, indexes, ...more };
}

export function table(
  columns: readonly DescribedColumn[],
  more: Partial<DescribedTable> = {},
): DescribedTable {
  return {
    table: 'visits',
    rows: 100,
    subject: 'patient',
    subjects: { atLeast: 40, atMost: 40 },
    columns,
    shows: [],
    ...more,
  };
}

export function purpose(fields: readonly string[], more: Partial<Purpose> = {}): Purpose {
  return {
    description: 'to plan beds',
    table: 'visits',
    fields,
    consent: null,
    quota: { limit: 1, per: 'day' },
    derived: { limit: 1, per: 'day' },
    approvals: 0,
    expires: null,
    ...more,
  };
}

export const mapOf = (
  tables: readonly DescribedTable[],
  purposes: Readonly<Record<string, Purpose>> = {},
  store = 'local folder',
): DataMap => dataMap(tables, store, purposes);

export const stated = (more: Partial<Context>): Context => ({ ...NOTHING_STATED, ...more });

export const ALL_CHECKS: readonly CheckId[] = Object.keys(CHECKS) as CheckId[];

/** Results of all checks, of which some passed. */
export function results(good: Iterable<CheckId>): readonly CheckResult[] {
  const passed = new Set(good);
  return ALL_CHECKS.map((id) =>
    checkResult(id, { status: passed.has(id) ? 'passed' : 'failed', found: '' }, NOW),
  );
}
