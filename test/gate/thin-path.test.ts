import { describe, expect, test } from 'vitest';
import { verifyProof } from '../../src/audit/tlog-proof.ts';
import { AuditLog } from '../../src/audit/file/audit-log.ts';
import { join } from 'node:path';
import { ask, governedVault, oracle } from './support/governed.ts';

const SUM = 'SELECT ward, SUM(days) AS total, COUNT(*) AS visits FROM visits GROUP BY ward';

describe('the gate of a vault with a policy', () => {
  test('answers an aggregate for a purpose, logged before and after, with its proof', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    const answered = await gate.answer(ask(governed.token, SUM));
    expect(answered.result.rows).toEqual(await oracle(SUM));
    expect(answered.result.columns).toEqual(['ward', 'total', 'visits']);
    expect(answered.intent.proof.index).toBeLessThan(answered.outcome.proof.index);
    const secrets = {
      signing: governed.vault['folder'].secrets.localKey('audit-signing'),
      sealing: governed.vault['folder'].secrets.localKey('audit-sealing'),
    };
    const log = await AuditLog.open(join(governed.path, 'governance', 'log'), secrets);
    for (const { entry, proof } of [answered.intent, answered.outcome]) {
      expect(verifyProof(proof, entry, log.key).size).toBeGreaterThan(proof.index);
    }
    const intent = await log.read(answered.intent.proof.index);
    expect(intent.kind).toBe('release.intent');
    const told: unknown = JSON.parse(new TextDecoder().decode(intent.opened[0]!.content));
    expect(told).toMatchObject({ principal: 'ana', purpose: 'quality', table: 'visits' });
  });

  test('denies a column that is not necessary, with the reason', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    const answer = gate.answer(ask(governed.token, 'SELECT SUM(cost) FROM visits'));
    await expect(answer).rejects.toMatchObject({
      code: 'DENIED',
      details: { reason: 'the purpose does not need "cost"' },
    });
  });

  test('leaves out the rows of whoever withdrew', async () => {
    await using governed = await governedVault({ release: { mode: 'exact', floor: 3 } });
    await using gate = await governed.openGate();
    await governed.governance.consent.withdraw(
      { subject: 'p7', purpose: 'quality', notice: null },
      Date.now(),
    );
    const { result } = await gate.answer(ask(governed.token, SUM));
    expect(result.rows).toEqual(await oracle(SUM, (patient) => patient !== 'p7'));
    expect(result.rows).not.toEqual(await oracle(SUM));
  });

  test('its owner asks through it too', async () => {
    await using governed = await governedVault();
    await expect(governed.vault.query(SUM)).rejects.toMatchObject({ code: 'DENIED' });
    await expect(governed.vault.records(undefined as never)).rejects.toMatchObject({
      code: 'DENIED',
    });
  });
});
