import { sumParameters } from '../params/presets.ts';

/**
 * Load what nearly every question needs while the passphrase is stretched on another thread: PostgreSQL's parser, which
 * is compiled on other threads still, what plans, evaluates and answers, and the tables of the ring. SEAL is not among
 * it: a vault that asks for sums opens them without it. What fails here fails again, and is reported, where it is
 * needed.
 */
export async function preload(): Promise<void> {
  const parser = import('../plan/sql/parse.ts');
  const ring = import('../ring/simd/wasm-ring.ts');
  const parameters = sumParameters(48);
  await Promise.allSettled([
    // The first statement takes thirty times as long as any other.
    parser.then(({ parseStatements }) => parseStatements('SELECT 1')),
    import('./vault.ts'),
    import('./store-address.ts'),
    import('../plan/plan-query.ts'),
    import('../keys/secret.ts').then(({ loadSums }) => loadSums()),
    ring.then(({ prepareWasmRing }) => prepareWasmRing(parameters.n, parameters.dataPrimes)),
  ]);
}
