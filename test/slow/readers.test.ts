import { afterAll, expect, test } from 'vitest';
import { Child } from '../support/child-process.ts';
import { Disk } from '../support/disk.ts';
import { resultsOf, rowsOf, VISITS, visits } from '../support/write-operations.ts';

const disk = new Disk();
afterAll(() => disk[Symbol.dispose]());

test('readers are answered, and stand in no writer’s way, however fast it publishes', async () => {
  const trial = await disk.trial('small');
  await using vault = await trial.open();
  await using first = new Child();
  await using second = new Child();
  for (const child of [first, second]) {
    await child.tell({ do: 'open', folder: trial.folder });
    await child.tell({ do: 'read' });
  }
  const base = rowsOf('small');
  const states = [base];
  const until = Date.now() + 30_000;
  for (let id = 1000; Date.now() < until; id++) {
    const [row] = visits(id, id + 1);
    await vault.ingest(VISITS, [row!], { append: true });
    await vault.delete('DELETE FROM visits WHERE id = $1', [id], { erase: id % 5 === 0 });
    if (id % 3 === 0) await vault.compact();
    states.push([...base, row!]);
  }
  const possible = states.map((state) => resultsOf(state).map((of) => JSON.stringify(of)));
  for (const child of [first, second]) {
    const reply = await child.tell({ do: 'stop' });
    expect(reply?.error).toBeUndefined();
    for (const [query, found] of reply!.answers!.entries()) {
      const allowed = new Set(possible.map((of) => of[query]));
      expect(found.filter((answer) => !allowed.has(answer))).toEqual([]);
      expect(found.length).toBeGreaterThan(2);
    }
  }
});
