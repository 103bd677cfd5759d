import { describe, expect, test } from 'vitest';
import { askGate } from '../../src/gateway/ask-gate.ts';
import { createStore, openStore } from '../../src/client/store-address.ts';
import { startService } from '../support/service.ts';
import { oracle, ROWS } from './support/governed.ts';
import { served, type Served } from './support/served.ts';

const SUM = 'SELECT ward, SUM(days) FROM visits GROUP BY ward';

const query = { purpose: 'quality', sql: SUM, parameters: [] };
const never = new AbortController().signal;

async function post(
  { address }: Served,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(new URL('/v1/query', address), {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, text: await response.text() };
}

describe('the gate over HTTP', () => {
  test('answers a query with purpose and token', async () => {
    await using one = await served();
    const { token } = one.governed;
    const { columns, rows, proof } = await askGate({ address: one.address, token }, query, never);
    expect(columns).toEqual(['ward', 'sum']);
    expect(rows).toEqual(await oracle(SUM));
    expect(proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
  });

  test('answers, verified, from a store that is a service', async () => {
    await using service = await startService();
    await createStore(service.address, '');
    await using one = await served({ link: await openStore(service.address, '', 0) });
    const { token, governance } = one.governed;
    const asking = { address: one.address, token };
    expect((await askGate(asking, query, never)).rows).toEqual(await oracle(SUM));
    const ward = new Set(ROWS.filter((row) => row.ward === 'a').map(({ patient }) => patient));
    for (const subject of ward) {
      const withdrawal = { subject, purpose: 'quality', notice: null };
      await governance.consent.withdraw(withdrawal, Date.now());
    }
    const { rows } = await askGate(asking, query, never);
    expect(rows).toEqual(await oracle(SUM, (patient) => !ward.has(patient)));
    expect(rows.map(([name]) => name)).toEqual(['b', 'c']);
  });

  test('a token without a vault reaches no key, policy or request of another', async () => {
    await using one = await served();
    const { token, governance } = one.governed;
    const other = await governance.principals.add(
      { name: 'eve', kind: 'service', roles: [], expires: null },
      Date.now(),
    );
    const ask = (purpose: string): Promise<unknown> =>
      askGate({ address: one.address, token: other }, { ...query, purpose }, never);
    // A purpose that is another's looks like one that does not exist.
    const texts = await Promise.all(
      ['quality', 'nothing'].map((purpose) =>
        ask(purpose).then(
          () => 'answered',
          (error: Error) => error.message.replace(purpose, '…'),
        ),
      ),
    );
    expect(texts).toEqual(['no purpose "…"', 'no purpose "…"']);
    const headers = { authorization: `Bearer ${token}` };
    for (const path of [
      '/',
      '/v1',
      '/v1/policy',
      '/v1/key',
      '/v1/principals',
      '/v1/log',
      '/../vault.opal',
    ]) {
      const response = await fetch(new URL(path, one.address), { headers });
      expect(response.status).toBe(404);
    }
  });

  test('unknown, revoked, expired and missing tokens are refused in the same words', async () => {
    await using one = await served();
    const { principals } = one.governed.governance;
    const add = (name: string, expires: number | null): Promise<string> =>
      principals.add({ name, kind: 'staff', roles: ['analyst'], expires }, Date.now());
    const revoked = await add('bob', null);
    await principals.revoke('bob');
    const expired = await add('cy', Date.now() - 1);
    const wrong = `${one.governed.token.slice(0, -64)}${'0'.repeat(64)}`;
    const unknown = `opg_${'0'.repeat(16)}_${'0'.repeat(64)}`;
    const answers = new Set<string>();
    for (const token of [revoked, expired, wrong, unknown, 'x', undefined]) {
      const headers: Record<string, string> =
        token === undefined ? {} : { authorization: `Bearer ${token}` };
      const { status, text } = await post(one, JSON.stringify(query), headers);
      expect(status).toBe(401);
      answers.add(text);
    }
    expect(answers.size).toBe(1);
  });

  test('refuses bodies that are not of its form, and large ones', async () => {
    await using one = await served();
    const headers = { authorization: `Bearer ${one.governed.token}` };
    const bodies = [
      '',
      '{',
      '[]',
      '{}',
      JSON.stringify({ ...query, more: 1 }),
      JSON.stringify({ ...query, sql: 1 }),
    ];
    for (const body of bodies) {
      expect((await post(one, body, headers)).status).toBe(400);
    }
    const large = JSON.stringify({ ...query, sql: 'x'.repeat(1 << 18) });
    expect((await post(one, large, headers)).status).toBe(413);
    const refusal = await post(
      one,
      JSON.stringify({ ...query, sql: 'SELECT SUM(cost) FROM visits' }),
      headers,
    );
    expect(refusal.status).toBe(403);
    expect(JSON.parse(refusal.text)).toMatchObject({
      code: 'DENIED',
      details: { reason: 'the purpose does not need "cost"' },
    });
  });

  test('an address that asks too much is refused', async () => {
    await using one = await served({ requestsPerMinute: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await post(one, JSON.stringify(query))).status);
    expect(statuses).toEqual([401, 401, 429, 429]);
  });

  test('a second gate on one vault is refused', async () => {
    await using one = await served();
    await expect(one.governed.openGate()).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
  });
});
