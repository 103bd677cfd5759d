import { it } from 'vitest';
import { expectRefused, tamperedGate } from '../gate/support/tampered.ts';

it('a malicious store behind the gate is refused in 500 of 500 tamperings, 100 of them over HTTP', async () => {
  await using tampered = await tamperedGate();
  await expectRefused(tampered, 500);
});
