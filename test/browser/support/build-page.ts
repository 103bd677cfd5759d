import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { opalineAssets } from '../../../examples/browser/opaline-assets.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What test/support has for Node -> what takes its place in a browser. */
const TWINS: ReadonlyMap<string, string> = new Map(
  ['vaults', 'stores', 'vectors'].map((name) => [
    here(`../../support/${name}.ts`),
    here(`../page/${name}.ts`),
  ]),
);

function twins(): Plugin {
  return {
    name: 'twins',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.startsWith('.') || importer === undefined) return null;
      const found = await this.resolve(source, importer, { skipSelf: true });
      return (found && TWINS.get(found.id)) ?? null;
    },
    transform(code, id) {
      // The package says that its modules have no effects; to register tests is the effect of these.
      return id.includes('/test/') ? { code, map: null, moduleSideEffects: true } : null;
    },
  };
}

/** Build the pages of test/browser/page into a folder. */
export async function buildTestPages(outDir: string): Promise<void> {
  const root = here('../page/');
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2024',
      assetsInlineLimit: 0,
      minify: false,
      rolldownOptions: { input: [`${root}index.html`, `${root}vault.html`] },
    },
    worker: { format: 'es', plugins: () => [twins(), opalineAssets()] },
    plugins: [twins(), opalineAssets()],
    publicDir: false,
  });
}
