import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { opalineAssets } from './opaline-assets.ts';

/** Build the page of this folder into another, with the weather beside it (vega-datasets, data of the NOAA). */
export async function buildPage(outDir: string): Promise<void> {
  const weather = new URL('../data/seattle-weather.csv', import.meta.resolve('vega-datasets'));
  await build({
    configFile: false,
    root: fileURLToPath(new URL('.', import.meta.url)),
    base: './',
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'es2024', assetsInlineLimit: 0 },
    worker: { format: 'es', plugins: () => [opalineAssets()] },
    plugins: [
      opalineAssets(),
      {
        name: 'weather',
        generateBundle() {
          const source = readFileSync(weather);
          this.emitFile({ type: 'asset', fileName: 'seattle-weather.csv', source });
        },
      },
    ],
  });
}
