import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOrigins } from '../../../src/service/allowed-origins.ts';
import { PATHS } from '../../../src/store/protocol.ts';
import { startService, type TestService } from '../../support/service.ts';

const [OURS, OTHER] = ['https://app.example', 'https://evil.example'];
const PREFLIGHT = {
  'access-control-request-method': 'PUT',
  'access-control-request-headers': 'authorization,content-type',
};

const corsOf = (headers: object): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('a service without origins', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service[Symbol.asyncDispose]());

  it('says nothing to browsers, and serves their pages nothing', async () => {
    const headers = { host: `localhost:${service.port}`, origin: OURS };
    const preflight = { headers: { ...headers, ...PREFLIGHT } };
    for (const answer of [
      await service.send('OPTIONS', PATHS.tables, preflight),
      await service.send('GET', PATHS.health, { headers }),
      await service.send('GET', PATHS.tables, { headers }),
    ]) {
      expect(corsOf(answer.headers)).toEqual([]);
    }
    expect((await service.send('GET', PATHS.tables, { headers })).status).toBe(401);
  });
});

describe('a service that lets an origin in', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService({ allowOrigins: [OURS], requestsPerMinute: 40 });
  });
  afterAll(() => service[Symbol.asyncDispose]());
  const from = (origin: string): { headers: Record<string, string> } => ({
    headers: { host: `localhost:${service.port}`, origin },
  });

  it('answers its preflights, before it asks for a token', async () => {
    const asked = { headers: { ...from(OURS).headers, ...PREFLIGHT } };
    const { status, headers, body } = await service.send('OPTIONS', PATHS.tables, asked);
    expect({ status, length: body.length }).toEqual({ status: 204, length: 0 });
    expect(headers).toMatchObject({
      'access-control-allow-origin': OURS,
      'access-control-allow-methods': 'GET, PUT, POST',
      'access-control-allow-headers': 'authorization, content-type',
      vary: 'origin',
    });
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('serves its pages, and names it in every reply, refusals too', async () => {
    const tables = await service.send('GET', PATHS.tables, from(OURS));
    expect(tables).toMatchObject({ status: 200, json: { tables: [] } });
    const refused = await service.send('GET', '/v1/tables/xyz/head', from(OURS));
    expect(refused.status).toBe(400);
    const none = await service.send('GET', '/v1/none', from(OURS));
    expect(none.status).toBe(404);
    for (const { headers } of [tables, refused, none]) {
      expect(headers['access-control-allow-origin']).toBe(OURS);
    }
  });

  it('says nothing to pages of another, and serves them nothing', async () => {
    const asked = { headers: { ...from(OTHER).headers, ...PREFLIGHT } };
    const preflight = await service.send('OPTIONS', PATHS.tables, asked);
    expect([preflight.status, corsOf(preflight.headers)]).toEqual([404, []]);
    for (const origin of [OTHER, 'null', `${OURS}.evil.example`, OURS.toUpperCase()]) {
      const answer = await service.send('GET', PATHS.tables, from(origin));
      expect([origin, answer.status, corsOf(answer.headers)]).toEqual([origin, 401, []]);
    }
  });

  it('serves its pages under its own name alone', async () => {
    const headers = { host: 'rebound.example', origin: OURS };
    expect((await service.send('GET', PATHS.tables, { headers })).status).toBe(401);
  });

  it('lets a page read that it asks too much', async () => {
    let last = await service.send('GET', PATHS.health, from(OURS));
    for (let i = 0; i < 50 && last.status === 200; i++) {
      last = await service.send('GET', PATHS.health, from(OURS));
    }
    expect(last.status).toBe(429);
    expect(last.headers['access-control-allow-origin']).toBe(OURS);
    expect(last.headers['access-control-expose-headers']).toContain('retry-after');
  });

  it('asks a page for a token once there are tokens', async () => {
    await using guarded = await startService({ allowOrigins: [OURS] });
    const token = await guarded.tokens.add('page', ['read'], null);
    const headers = { host: `localhost:${guarded.port}`, origin: OURS };
    expect((await guarded.send('GET', PATHS.tables, { headers })).status).toBe(401);
    const authorization = `Bearer ${token}`;
    const answer = await guarded.send('GET', PATHS.tables, {
      headers: { ...headers, authorization },
    });
    expect(answer.status).toBe(200);
  });
});

describe('an origin', () => {
  it.each(['https://app.example', 'http://localhost:5173', 'https://[::1]:8443'])('%s', (text) => {
    expect([...parseOrigins([text])]).toEqual([text]);
  });

  it.each([
    '*',
    'null',
    '',
    'app.example',
    'https://app.example/',
    'https://app.example/path',
    'https://APP.example',
    'https://app.example:443',
    'https://*.example',
    'https://user@app.example',
    'file:///page.html',
    'data:text/html,x',
  ])('is not %j', (text) => {
    expect(() => parseOrigins([text])).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
