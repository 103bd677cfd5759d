import { expect, test } from 'vitest';
import { CHECK_PRIME } from '../../src/params/check-field.ts';
import { adding, checkedCustody } from '../support/checked-custody.ts';
import { ask, governedVault, oracle, SCHEMA } from './support/governed.ts';

const SUM = 'SELECT ward, SUM(days) AS total, COUNT(*) AS visits FROM visits GROUP BY ward';

test('what leaves of a divided table is verified, of those who consent, by custodians who answer rightly', async () => {
  await using custody = await checkedCustody((link) => link);
  const { vault } = custody;
  await using governed = await governedVault({
    vault,
    schema: { ...SCHEMA, custody: 'divided' },
    release: { mode: 'exact', floor: 3 },
  });
  await using gate = await governed.openGate();
  await governed.governance.consent.withdraw(
    { subject: 'p7', purpose: 'quality', notice: null },
    Date.now(),
  );
  const total = async (): Promise<unknown> => (await gate.answer(ask(governed.token, SUM))).result;
  for (const lie of [
    adding((place, q) => (place === 0 ? q / (1n << 48n) : 0n)),
    adding((place, q) => (place % 2 === 0 ? q / (1n << 48n) : q / BigInt(CHECK_PRIME))),
    () => new Uint8Array(7),
  ]) {
    custody.ask({ lies: { 3: lie } });
    await expect(total()).rejects.toMatchObject({
      code: 'DENIED',
      details: { reason: 'the gate could not answer' },
    });
    // No fault of the store's.
    expect(await vault.frozenSince()).toBeUndefined();
  }
  const asked = custody.ask();
  expect(await total()).toMatchObject({ rows: await oracle(SUM, (patient) => patient !== 'p7') });
  expect([...asked]).toEqual(expect.arrayContaining([1, 2, 3].map((index) => [index, 1])));
});
