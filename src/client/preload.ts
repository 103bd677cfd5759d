import { sealContext } from '../engine/seal/context.ts';
import { sumParameters } from '../params/presets.ts';

/**
 * Load what nearly every use of a vault needs, SEAL and PostgreSQL's parser, while the passphrase is
 * stretched on another thread. What fails here fails again, and is reported, where it is needed.
 */
export async function preload(): Promise<void> {
  const planner = import('../plan/plan-query.ts');
  const parser = import('../plan/sql/parse.ts').then(({ loadParser }) => loadParser());
  await Promise.allSettled([planner, parser, sealContext(sumParameters(48))]);
}
