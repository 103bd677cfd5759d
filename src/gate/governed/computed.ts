import type { Computed, Intended, Step } from './cases.ts';

/**
 * Step 7, execute: the plan whose intent is logged, on the rows that count, once. It ends when whoever asked goes
 * away or its time is over.
 * @throws DENIED where the work is not what was logged, and what the gate throws
 */
export const computed: Step<Intended, Computed> = async (intended, { tables, within }) => {
  const { ask, capability, counted, reviewed } = intended;
  capability.spend(reviewed.plan, counted);
  const late = AbortSignal.timeout(within.execution);
  const signal = ask.signal === undefined ? late : AbortSignal.any([ask.signal, late]);
  const release = await tables.release(reviewed.plan, counted, { signal });
  return { ...intended, release };
};
