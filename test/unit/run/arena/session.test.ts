import { describe, expect, it } from 'vitest';
import type { DirectoryRequest } from '../../../../src/run/arena/protocol.ts';
import { ArenaSession } from '../../../../src/run/arena/session.ts';

const PAGE = 65_536;

/**
 * A shared memory as a thread sees it that has not come to its next interrupt: longer than its
 * buffer says, until it is asked to grow. When that happens cannot be forced in a real one.
 */
function late(): { memory: WebAssembly.Memory; grown: number[] } {
  const real = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
  let seen = real.buffer;
  const grown: number[] = [];
  const memory = {
    get buffer() {
      return seen;
    },
    grow(pages: number) {
      grown.push(pages);
      const before = real.grow(pages);
      seen = real.buffer;
      return before;
    },
  };
  real.grow(3);
  return { memory: memory as WebAssembly.Memory, grown };
}

describe('a memory that another thread has grown', () => {
  it.each(['fill', 'ready'] as const)(
    'is seen whole before a part of it is used: %s',
    async (role) => {
      const { memory, grown } = late();
      const sent: DirectoryRequest[] = [];
      const session: ArenaSession = new ArenaSession(
        { memory, offset: 0, length: PAGE },
        4 * PAGE,
        (request) => {
          sent.push(request);
          if (request.kind !== 'acquire') return;
          const parts = [{ offset: 2 * PAGE, stamp: 1, role }];
          session.receive({ kind: 'granted', lease: request.lease, parts });
        },
      );
      let filled = 0;
      const fill = (view: () => Uint8Array): Promise<void> => {
        filled += view().fill(7).length;
        return Promise.resolve();
      };
      const lease = await session.acquire([{ key: 'part', bytes: PAGE, fill }]);
      expect(lease.parts).toEqual([{ offset: 2 * PAGE, stamp: 1, bytes: PAGE }]);
      expect(memory.buffer.byteLength).toBe(4 * PAGE);
      expect(filled).toBe(role === 'fill' ? PAGE : 0);
      expect(grown).toEqual([0]);
      await session.acquire([{ key: 'part', bytes: PAGE, fill }]);
      expect(grown).toEqual([0]);
      expect(sent.map(({ kind }) => kind)).toContain('acquire');
    },
  );
});
