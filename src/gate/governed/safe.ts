import type { Masked, Safe, Step } from './cases.ts';

/**
 * Step 4, is the answer safe to release: the guard of the dataset reviews the plan, and reserves what the
 * release costs.
 * @throws DENIED
 */
export const safe: Step<Masked, Safe> = async (masked, { guard }) => {
  const { principal, ask, purpose, policy, plan, operations, counted } = masked;
  const reviewed = await guard.review({
    principal,
    purposeName: ask.purpose,
    purpose,
    policy,
    plan,
    operations,
    table: counted,
  });
  return { ...masked, reviewed };
};
