import type { ToolBundle } from '../../../../src/policy/tool/bundle.ts';

export const BUNDLE: ToolBundle = {
  version: 1,
  name: 'bed-planner',
  vendor: 'Example Systems',
  release: '2.1',
  purpose: 'quality',
  table: 'visits',
  queries: [
    {
      name: 'stays',
      sql: 'SELECT ward, SUM(days) FROM visits WHERE days >= $1 GROUP BY ward',
      parameters: [{ kind: 'integer', min: 0, max: 9 }],
      output: {
        columns: [
          { name: 'ward', type: 'text' },
          { name: 'sum', type: 'number' },
        ],
        rows: 3,
      },
    },
    {
      name: 'all',
      sql: 'SELECT COUNT(*) FROM visits',
      parameters: [],
      output: { columns: [{ name: 'count', type: 'number' }], rows: 1 },
    },
  ],
  limits: { calls: { limit: 3, per: 'hour' }, cells: { limit: 20, per: 'day' } },
};
