/** The SDK in one page: make a vault, ingest rows, query with parameters, read what it leaked. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVault, openVault } from 'opaline/client';

const folder = await mkdtemp(join(tmpdir(), 'opaline-sdk-'));
const path = join(folder, 'vault');
const passphrase = 'correct horse battery staple';

const schema = {
  version: 1,
  table: 'visits',
  subject: 'patient_id',
  columns: {
    patient_id: { type: 'text' },
    ward: { type: 'text' },
    days: { type: 'integer' },
    fee: { type: 'decimal', scale: 2, range: ['0', '5000'], nullable: true },
  },
  pairs: [['days', 'fee']],
};

const rows = [
  { patient_id: 'p1', ward: 'B2', days: 3, fee: '120.50' },
  { patient_id: 'p2', ward: 'B2', days: 1, fee: '80.25' },
  { patient_id: 'p3', ward: 'A1', days: 8, fee: null },
  { patient_id: 'p1', ward: 'B2', days: 2, fee: '99.99' },
];

try {
  {
    await using vault = await createVault(path, { store: join(folder, 'store'), passphrase });
    const report = await vault.ingest(schema, rows);
    assert.equal(report.rows, 4);
  }

  await using vault = await openVault(path, { passphrase });

  const average = await vault.query('SELECT AVG(fee) FROM visits WHERE ward = $1', ['B2']);
  assert.deepEqual(average.columns, ['avg']);
  assert.deepEqual(average.rows, [['100.246666666666666666666666667']]);

  const wards = await vault.query(
    'SELECT ward, COUNT(*), SUM(fee) AS fees FROM visits GROUP BY ward ORDER BY ward',
  );
  assert.deepEqual(wards.rows, [
    ['A1', '1', null],
    ['B2', '3', '300.74'],
  ]);

  // What the store was shown, as data.
  assert.ok(average.leakage.length > 0);
  for (const { node, index, onQuery } of average.leakage) {
    console.log(`${node} (${index}): ${onQuery.join('; ')}`);
  }

  // A refusal has a code from a closed list, and a hint.
  await assert.rejects(vault.query('SELECT AVG(height) FROM visits'), { code: 'UNKNOWN_COLUMN' });
  console.log(`average fee in ward B2: ${String(average.rows[0]?.[0])}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
