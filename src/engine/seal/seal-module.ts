import { initialize, type MainModule } from 'node-seal/throws';

let loading: Promise<MainModule> | undefined;

/** Microsoft SEAL as WebAssembly, loaded when first asked for and once a process. */
export async function loadSeal(): Promise<MainModule> {
  loading ??= initialize().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
