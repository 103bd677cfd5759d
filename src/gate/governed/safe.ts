import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { jsonOf } from './capability.ts';
import type { Masked, Safe, Step } from './cases.ts';

/**
 * Step 4, is the answer safe to release: the guard of the dataset reviews the plan, and reserves what the
 * release costs. The same request asked again, because it waited for approvals or its rows changed, costs it once.
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
    request: sha256(
      utf8(`opaline ask v1\n${jsonOf([principal.name, ask.purpose, ask.sql, ask.parameters])}\n`),
    ),
  });
  return { ...masked, reviewed };
};
