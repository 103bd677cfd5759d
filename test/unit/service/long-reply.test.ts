import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpalineError } from '../../../src/errors/opaline-error.ts';
import { HttpLink } from '../../../src/store/backends/http/link.ts';
import { readLongReply } from '../../../src/store/backends/http/long-reply.ts';
import { LONG_REPLY_TYPE, PATHS } from '../../../src/store/protocol.ts';
import type { CallOptions, StoreLink } from '../../../src/store/link.ts';
import { OCTETS, startService, type TestService } from '../../support/service.ts';

describe('an answer that takes long', () => {
  let service: TestService;
  let link: HttpLink;
  let evaluate: (options: CallOptions) => Promise<Uint8Array>;
  const answer = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  beforeAll(async () => {
    const wrap = (inner: StoreLink): StoreLink => {
      inner.aggregate = (_, options = {}) => evaluate(options);
      return inner;
    };
    service = await startService({ patienceMs: 20, wrap });
    link = new HttpLink(service.address, undefined, 1);
  });
  afterAll(() => service[Symbol.asyncDispose]());
  beforeEach(() => (evaluate = async () => answer));

  it('comes whole, after signs of how far it is', async () => {
    evaluate = async ({ onProgress }) => {
      for (let done = 1; done <= 4; done++) {
        onProgress?.(done, 5);
        await wait(30);
      }
      return answer;
    };
    const seen: string[] = [];
    const options = { onProgress: (done: number, total: number) => seen.push(`${done}/${total}`) };
    expect(await link.aggregate(new Uint8Array(8), options)).toEqual(answer);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toMatch(/[34]\/5/);
    expect(seen).toEqual([...seen].sort());
  });

  it('is sent at once where it does not', async () => {
    const seen: number[] = [];
    const options = { onProgress: (done: number) => seen.push(done) };
    expect(await link.aggregate(new Uint8Array(8), options)).toEqual(answer);
    expect(seen).toEqual([]);
  });

  it('is a refusal as good as one that comes at once', async () => {
    evaluate = async () => {
      await wait(70);
      throw new OpalineError('EPOCH_CONFLICT', { expected: 3, found: 4 });
    };
    await expect(link.aggregate(new Uint8Array(8))).rejects.toMatchObject({
      code: 'EPOCH_CONFLICT',
      details: { expected: 3, found: 4 },
    });
  });

  it('ends when the client goes', async () => {
    let ended = false;
    evaluate = async ({ signal }) => {
      await new Promise((resolve) => signal!.addEventListener('abort', resolve));
      ended = true;
      throw new OpalineError('ABORTED', {});
    };
    const controller = new AbortController();
    const call = link.aggregate(new Uint8Array(8), { signal: controller.signal });
    setTimeout(() => controller.abort(), 60);
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    await expect.poll(() => ended).toBe(true);
  });

  it('waits in silence for clients that know no other way', async () => {
    evaluate = async () => (await wait(70), answer);
    const body = new Uint8Array(8);
    const { headers } = await service.send('POST', PATHS.aggregate, { headers: OCTETS, body });
    expect(headers['content-type']).toBe('application/octet-stream');
    const accept = { ...OCTETS, accept: LONG_REPLY_TYPE };
    const long = await service.send('POST', PATHS.aggregate, { headers: accept, body });
    expect(long.headers['content-type']).toBe(LONG_REPLY_TYPE);
    expect(long.body.at(0)).toBe(0);
  });
});

describe('a long reply from a hostile store', () => {
  const read = (chunks: readonly number[][], limit = 100): Promise<Uint8Array | undefined> =>
    readLongReply(
      (async function* () {
        for (const chunk of chunks) yield Uint8Array.from(chunk);
      })(),
      limit,
      undefined,
    );
  const refusal = (text: string): number[] => [2, text.length, 0, 0, 0, ...Buffer.from(text)];

  it('is put together however it is cut', async () => {
    const bytes = [0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 3, 0, 0, 0, 7, 8, 9];
    for (let cut = 0; cut <= bytes.length; cut++) {
      const found = await read([bytes.slice(0, cut), bytes.slice(cut)]);
      expect(found).toEqual(Uint8Array.of(7, 8, 9));
    }
    expect(await read(bytes.map((byte) => [byte]))).toEqual(Uint8Array.of(7, 8, 9));
    expect(await read([[1, 0, 0, 0, 0]])).toEqual(new Uint8Array(0));
  });

  it.each([
    ['of an unknown kind', [3, 0, 0, 0, 0], 'BYTES_INVALID'],
    ['with progress of another size', [0, 9, 0, 0, 0], 'BYTES_INVALID'],
    ['longer than allowed', [1, 101, 0, 0, 0], 'REQUEST_TOO_LARGE'],
    ['with 4 GB of a refusal', [2, 255, 255, 255, 255], 'REQUEST_TOO_LARGE'],
    ['with a refusal that is no JSON', refusal('{'), 'BYTES_INVALID'],
    [
      'with a refusal a store may not give',
      refusal('{"opaline":1,"code":"PASSPHRASE_WRONG","details":{}}'),
      'BYTES_INVALID',
    ],
    [
      'that says the caller gave up',
      refusal('{"opaline":1,"code":"ABORTED","details":{}}'),
      'BYTES_INVALID',
    ],
  ])('%s is refused', async (_, bytes, code) => {
    await expect(read([bytes])).rejects.toMatchObject({ code });
  });

  it('that ends early is no answer', async () => {
    expect(await read([])).toBeUndefined();
    expect(await read([[1, 9, 0, 0, 0, 1]])).toBeUndefined();
  });
});
