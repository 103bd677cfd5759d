import { sumParameters } from '../params/presets.ts';

/**
 * Load what nearly every use of a vault needs while the passphrase is stretched on another thread: SEAL and
 * PostgreSQL's parser, which are compiled on other threads still, what plans, evaluates and answers, and the tables of
 * the ring. What fails
 * here fails again, and is reported, where it is needed.
 */
export async function preload(): Promise<void> {
  const seal = import('../engine/seal/context.ts');
  const parser = import('../plan/sql/parse.ts');
  const ring = import('../ring/simd/wasm-ring.ts');
  const parameters = sumParameters(48);
  await Promise.allSettled([
    seal.then(({ sealContext }) => sealContext(parameters)),
    parser.then(({ loadParser }) => loadParser()),
    import('./vault.ts'),
    import('./store-address.ts'),
    import('../plan/plan-query.ts'),
    ring.then(({ prepareWasmRing }) =>
      prepareWasmRing(parameters.n, [...parameters.dataPrimes, parameters.specialPrime]),
    ),
  ]);
}
