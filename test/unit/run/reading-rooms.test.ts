import { expect, test } from 'vitest';
import { ReadingRooms } from '../../../src/run/evaluate/reading-rooms.ts';

/** Uses begun and not ended, and the rooms they had, in the order in which they got them. */
function observed(rooms: ReadingRooms): {
  use(): { done: Promise<string>; end: (how: string | Error) => void };
  readonly given: Uint8Array[];
} {
  const given: Uint8Array[] = [];
  return {
    given,
    use: () => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const done = rooms.use((room) => {
        given.push(room);
        return promise;
      });
      return { done, end: (how) => (how instanceof Error ? reject(how) : resolve(how)) };
    },
  };
}

test('two reads at a time, each in a room of its own, and no others are made', async () => {
  const { use, given } = observed(new ReadingRooms());
  const [first, second, third, fourth] = [use(), use(), use(), use()];
  await Promise.resolve();
  expect(given).toHaveLength(2);
  expect(given[0]).not.toBe(given[1]);
  second!.end('second');
  expect(await second!.done).toBe('second');
  await Promise.resolve();
  expect(given).toHaveLength(3);
  expect(given[2]).toBe(given[1]);
  first!.end('first');
  third!.end('third');
  fourth!.end('fourth');
  expect(await Promise.all([first!.done, third!.done, fourth!.done])).toEqual([
    'first',
    'third',
    'fourth',
  ]);
  expect(new Set(given).size).toBe(2);
});

test('a read that fails gives its room back', async () => {
  const { use, given } = observed(new ReadingRooms());
  for (let i = 0; i < 5; i++) {
    const one = use();
    one.end(new RangeError('no'));
    await expect(one.done).rejects.toThrow(RangeError);
  }
  expect(given).toHaveLength(5);
  expect(new Set(given).size).toBe(1);
});
