import { expect } from 'vitest';

/** An answer that is refused with a code, and of a denial for a reason. */
export async function refused(
  answer: Promise<unknown>,
  code: string,
  reason?: string,
): Promise<void> {
  await expect(answer).rejects.toMatchObject({
    code,
    ...(reason === undefined ? {} : { details: { reason: expect.stringContaining(reason) } }),
  });
}
