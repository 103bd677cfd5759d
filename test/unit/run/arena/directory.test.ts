import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../../src/ring/simd/arena.ts';
import { Directory, type DirectoryConnection } from '../../../../src/run/arena/directory.ts';
import { ArenaSession } from '../../../../src/run/arena/session.ts';
import type { Lease, Want } from '../../../../src/run/evaluate/residency.ts';

const PAGE = 65_536;
const CAPACITY = 4 * PAGE;

interface Fixture {
  readonly memory: WebAssembly.Memory;
  readonly directory: Directory;
  readonly join: () => { session: ArenaSession; connection: DirectoryConnection };
}

function arena(): Fixture {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 + CAPACITY / PAGE });
  const directory = new Directory(new Arena(memory, PAGE, PAGE + CAPACITY), CAPACITY);
  const join = (): ReturnType<Fixture['join']> => {
    const connection = directory.attach((reply) => session.receive(reply));
    const region = { memory, offset: PAGE, length: 0 };
    const session: ArenaSession = new ArenaSession(region, CAPACITY, connection.receive);
    return { session, connection };
  };
  return { memory, directory, join };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Fills with a letter of the key, in two goes; a thread that has ended writes nothing. */
function want(
  key: string,
  bytes: number,
  between: () => Promise<void> = turn,
  alive: () => boolean = () => true,
): Want {
  const letter = key.charCodeAt(0);
  return {
    key,
    bytes,
    fill: async (view) => {
      if (alive()) view().fill(letter, 0, bytes >>> 1);
      await between();
      if (alive()) view().fill(letter, bytes >>> 1);
    },
  };
}

function holds(memory: WebAssembly.Memory, lease: Lease, keys: readonly string[]): boolean {
  return lease.parts.every(({ offset, bytes }, i) =>
    new Uint8Array(memory.buffer, offset, bytes).every((byte) => byte === keys[i]!.charCodeAt(0)),
  );
}

const sizeOf = (key: string): number => 1000 + 7919 * (key.charCodeAt(0) - 97);

describe('evaluators that share an arena', () => {
  const keys = fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'), { minLength: 1, maxLength: 3 });
  const task = fc.record({ keys, turns: fc.nat(3), fails: fc.boolean(), dies: fc.boolean() });

  it('never see other bytes than their own, never wait for ever, and leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(task, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        async (lanes) => {
          const { memory, directory, join } = arena();
          await Promise.all(
            lanes.map(async (tasks) => {
              let member = join();
              for (const { keys: wanted, turns, fails, dies } of tasks) {
                const between = async (): Promise<void> => {
                  for (let i = 0; i < turns; i++) await turn();
                  if (fails) throw new Error('unreadable');
                };
                let alive = true;
                const wants = wanted.map((key) => want(key, sizeOf(key), between, () => alive));
                if (dies) {
                  // Its thread ends with a lease asked for, perhaps granted, perhaps half-filled.
                  void member.session.acquire(wants).catch(() => undefined);
                  for (let i = 0; i < turns; i++) await turn();
                  alive = false;
                  member.connection.close();
                  member = join();
                  continue;
                }
                const lease = await member.session.acquire(wants).catch((error: Error) => {
                  expect(error.message).toBe('unreadable');
                });
                if (lease === undefined) continue;
                for (let i = 0; i <= turns; i++) {
                  expect(holds(memory, lease, wanted)).toBe(true);
                  await turn();
                }
                lease.release(0);
              }
              member.connection.close();
            }),
          );
          const left = directory.statistics();
          expect(left).toMatchObject({ pins: 0, waiting: 0, scratchBytes: 0 });
          expect(left.residentBytes).toBeLessThanOrEqual(CAPACITY);
          // Whatever holes are left, one lease can still have everything.
          const { session } = join();
          (await session.acquire([want('z', CAPACITY)])).release(0);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('fill a part once, however many want it at the same time', async () => {
    const { directory, join } = arena();
    let fills = 0;
    const part = want('a', 5000, async () => {
      fills++;
      await turn();
    });
    const leases = await Promise.all([1, 2, 3].map(() => join().session.acquire([part])));
    expect(fills).toBe(1);
    expect(directory.statistics()).toMatchObject({ pins: 3, extents: 1, fills: 1 });
    expect(new Set(leases.map((lease) => lease.parts[0]!.offset)).size).toBe(1);
  });

  it('try in turn when a fill fails, and each gets an error of its own', async () => {
    const { directory, join } = arena();
    const attempt = (name: string): Promise<Lease> =>
      join().session.acquire([
        want('a', 5000, async () => {
          await turn();
          if (name !== 'third') throw new Error(name);
        }),
      ]);
    const results = await Promise.allSettled(['first', 'second', 'third', 'fourth'].map(attempt));
    expect(results.map((r) => (r.status === 'rejected' ? r.reason.message : 'ok'))).toEqual([
      'first',
      'second',
      'ok',
      'ok',
    ]);
    expect(directory.statistics()).toMatchObject({ pins: 2, extents: 1, fills: 1 });
  });

  it('drop what was used longest ago, never what is in use', async () => {
    const { directory, join } = arena();
    const { session } = join();
    const third = CAPACITY / 3 - 100;
    const touch = async (key: string): Promise<number> => {
      const lease = await session.acquire([want(key, third)]);
      lease.release(0);
      return lease.parts[0]!.stamp;
    };
    const [a, b] = [await touch('a'), await touch('b')];
    const held = await session.acquire([want('c', third)]);
    expect(await touch('a')).toBe(a);
    await touch('d');
    expect(await touch('a')).toBe(a);
    expect(await touch('b')).not.toBe(b);
    expect((await join().session.acquire([want('c', third)])).parts).toEqual(held.parts);
    expect(directory.statistics().evictions).toBe(2);
  });

  it('wait for room in order of arrival', async () => {
    const { directory, join } = arena();
    const first = await join().session.acquire([want('a', CAPACITY - 1000)]);
    const order: string[] = [];
    const later = ['b', 'c'].map(async (key) => {
      const lease = await join().session.acquire([want(key, CAPACITY - 1000)]);
      order.push(key);
      await turn();
      lease.release(0);
    });
    // A small one does not overtake.
    const small = join()
      .session.acquire([want('d', 64)])
      .then(() => order.push('d'));
    await turn();
    expect(directory.statistics()).toMatchObject({ waiting: 3, pins: 1 });
    first.release(0);
    await Promise.all([...later, small]);
    expect(order).toEqual(['b', 'c', 'd']);
  });

  it('refuse more than the arena can hold, at once and for one alone', async () => {
    const { join } = arena();
    await join().session.acquire([want('a', 64)]);
    await expect(join().session.acquire([want('b', CAPACITY + 1)])).rejects.toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      details: { limit: CAPACITY },
    });
    await expect(
      join().session.acquire([want('b', CAPACITY / 2), want('c', CAPACITY / 2 + 1)]),
    ).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' });
  });
});
