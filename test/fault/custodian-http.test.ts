import { afterEach, beforeEach, expect, it } from 'vitest';
import { request } from 'node:http';
import { type RunningCustodian, serveCustodian } from '../../src/gateway/custodian/serve.ts';
import {
  askCustodian,
  CUSTODIAN_LIMITS,
  custodianIsThere,
} from '../../src/store/backends/http/custodian.ts';
import { OCTETS } from '../../src/store/protocol.ts';
import { decodePartials } from '../../src/gate/custody/partials.ts';
import { type CustodianSet, custodianSet } from '../support/custodian-set.ts';

let set: CustodianSet;
let served: RunningCustodian;
beforeEach(async () => {
  set = await custodianSet();
  const custodian = await set.custodian(1);
  served = await serveCustodian({ custodian, host: '127.0.0.1', port: 0, logLevel: 'silent' });
});
afterEach(async () => {
  await served[Symbol.asyncDispose]();
  await set[Symbol.asyncDispose]();
});

const post = (body: BodyInit | undefined, type: string = OCTETS): Promise<Response> =>
  fetch(`${served.address}/v1/partials`, {
    method: 'POST',
    ...(body !== undefined && { body }),
    headers: { 'content-type': type },
  });

it('answers the gate over HTTP, once, and says why it does not', async () => {
  expect(await custodianIsThere(served.address, {})).toBe(true);
  const bytes = await set.request();
  expect(decodePartials(await askCustodian(served.address, bytes, {})).index).toBe(1);
  await expect(askCustodian(served.address, bytes, {})).rejects.toThrow(
    expect.objectContaining({
      code: 'CUSTODIAN_REFUSED',
      details: expect.objectContaining({ reason: expect.stringContaining('answered once') }),
    }),
  );
});

it('refuses what is no request, and goes on', async () => {
  expect((await post(new Uint8Array(3))).status).toBe(400);
  expect((await post(new Uint8Array(4096))).status).toBe(400);
  expect((await post(undefined)).status).toBe(400);
  expect((await post('{}', 'application/json')).status).toBe(400);
  expect((await post('x', 'text/csv')).status).toBe(400);
  const unknown = await fetch(`${served.address}/v1/share`);
  expect(unknown.status).toBe(404);
  await askCustodian(served.address, await set.request(), {});
});

it('reads no body that is too long', async () => {
  const length = CUSTODIAN_LIMITS.request + 1;
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(`${served.address}/v1/partials`, {
      method: 'POST',
      headers: { 'content-type': OCTETS, 'content-length': length },
    });
    sent.on('response', (response) => {
      resolve(response.statusCode);
      sent.destroy();
    });
    sent.on('error', reject);
    sent.flushHeaders();
  });
  expect(status).toBe(413);
});

it('holds no more than a few bodies at once, whoever sends them', async () => {
  const open = Array.from({ length: 8 }, () =>
    request(`${served.address}/v1/partials`, {
      method: 'POST',
      headers: { 'content-type': OCTETS, 'content-length': 1000 },
    }),
  );
  for (const one of open) {
    one.on('error', () => undefined);
    one.write('x');
  }
  const bytes = await set.request();
  const seen = new Set<number>();
  try {
    // Until all of them are held.
    while (!seen.has(429)) seen.add((await post(new Uint8Array(3))).status);
  } finally {
    for (const one of open) one.destroy();
  }
  let status = 429;
  while (status === 429) {
    const answer = await post(bytes as Uint8Array<ArrayBuffer>);
    status = answer.status;
  }
  expect(status).toBe(200);
  expect([...seen].filter((one) => one !== 429 && one !== 400)).toEqual([]);
});

it('tells the gate in codes what it knows of the log, and no stranger', async () => {
  const refusal = async (bytes: Uint8Array): Promise<unknown> =>
    await askCustodian(served.address, bytes, {}).then(
      () => undefined,
      (error: unknown) => error,
    );
  await askCustodian(served.address, await set.request(), {});
  const slow = await set.request();
  const unproved = await set.request({}, {}, 0);
  expect((await post(unproved as Uint8Array<ArrayBuffer>)).status).toBe(409);
  expect(await refusal(unproved)).toMatchObject({ code: 'LOG_UNPROVED', details: { known: 1 } });
  // Admitted, and refused since the sum was answered.
  expect(await refusal(await set.request())).toMatchObject({ code: 'CUSTODIAN_REFUSED' });
  expect(await refusal(slow)).toMatchObject({
    code: 'LOG_ROLLBACK',
    details: { expected: 4, found: 2 },
  });
  const stranger = unproved.slice();
  stranger[stranger.length - 1]! ^= 1;
  expect((await post(stranger)).status).toBe(400);
});
