/**
 * A service that keeps its records in a store it does not trust: create, read, find in pages, replace, delete
 * and erase over HTTP. The store is another process, `opaline serve`, and holds ciphertexts alone.
 *
 * `node examples/03-service.ts` runs it once through and checks every answer; with `--port 3000` it goes on
 * until Ctrl-C, on a vault and a store in a temporary folder.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { count, createVault, sum } from 'opaline/client';
import { visitService } from './service/app.ts';
import { startStore } from './service/store.ts';
import { visits } from './service/visits.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
await using folder = await temporaryFolder();
await using store = await startStore(join(folder.path, 'store'));
await using vault = await createVault(join(folder.path, 'vault'), {
  store: store.address,
  passphrase: 'correct horse battery staple',
});
const app = visitService(await vault.records(visits));
const address = await app.listen({ host: '127.0.0.1', port: Number(values.port) });
console.log(`visits at ${address}, their ciphertexts at ${store.address}`);
try {
  if (values.port === '0') await tour(address);
  else await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
} finally {
  // Requests that are being answered are answered; the vault and the store end after them.
  await app.close();
}
if (values.port === '0') {
  const { rows } = await vault
    .from(visits)
    .select('ward', count(), sum('fee').as('fees'))
    .groupBy('ward')
    .orderBy('ward')
    .execute();
  assert.deepEqual(rows, [
    { ward: 'A1', count: '3', fees: '109.5' },
    { ward: 'B2', count: '6', fees: '185.5' },
  ]);
  console.log('every answer was as expected');
}

/** What a caller would do, one request after the other. */
async function tour(address: string): Promise<void> {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(address + path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  };
  const visit = (i: number): Record<string, unknown> => ({
    patient: `patient ${i % 4}`,
    ward: i % 2 === 0 ? 'A1' : 'B2',
    admitted: `2025-03-${String(1 + i).padStart(2, '0')}`,
    days: i,
    fee: `${30 + i}.50`,
  });

  // Create and read.
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) {
    const created = await call('POST', '/visits', visit(i));
    assert.equal(created.status, 201);
    ids.push(String(created.body['id']));
  }
  const read = await call('GET', `/visits/${ids[3]}`);
  assert.deepEqual(read.body, { id: ids[3], ...visit(3), days: '3', fee: '33.5' });

  // What does not fit is refused before it gets anywhere, and again by types.
  assert.equal((await call('POST', '/visits', { ...visit(1), fee: 'much' })).status, 400);
  assert.equal((await call('POST', '/visits', { ...visit(1), more: 1 })).status, 400);
  assert.equal((await call('GET', '/visits/none')).status, 400);

  // Replace, and delete.
  assert.equal((await call('PUT', `/visits/${ids[3]}`, { ...visit(3), fee: null })).status, 200);
  assert.equal((await call('GET', `/visits/${ids[3]}`)).body['fee'], null);
  assert.equal((await call('DELETE', `/visits/${ids[4]}`)).status, 204);
  assert.equal((await call('DELETE', `/visits/${ids[4]}`)).status, 404);

  // Find, page by page.
  const found: unknown[] = [];
  let after: unknown = null;
  let pages = 0;
  do {
    const next = after === null ? '' : `&after=${encodeURIComponent(String(after))}`;
    const page = await call('GET', `/visits?ward=B2&from=2025-03-04&limit=3${next}`);
    assert.equal(page.status, 200);
    found.push(...(page.body['visits'] as { days: string }[]).map(({ days }) => Number(days)));
    after = page.body['next'];
    pages++;
  } while (after !== null);
  assert.deepEqual(
    found.toSorted((a, b) => Number(a) - Number(b)),
    [3, 5, 7, 9, 11],
  );
  assert.equal(pages, 2);
  assert.equal((await call('GET', '/visits?after=forged')).body['code'], 'CURSOR_INVALID');

  // Forget a patient.
  assert.deepEqual((await call('DELETE', '/patients/patient%200')).body, { erased: 2 });
  assert.deepEqual((await call('GET', '/visits?patient=patient%200')).body['visits'], []);
}
