import type { Plugin } from 'vite';

/**
 * A Vite plugin for programs that use opaline/browser. Both WebAssembly modules look for their file beside the
 * script by a name that a build does not keep, and csv-parse has a build for browsers under a name of its own.
 * Give it to the page's plugins and to the workers' (`worker.plugins`).
 */
export function opalineAssets(): Plugin {
  return {
    name: 'opaline-assets',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (source !== 'csv-parse') return null;
      return await this.resolve('csv-parse/browser/esm', importer, { skipSelf: true });
    },
    transform(code, id) {
      const [path = ''] = id.split('?');
      if (path.endsWith('/node-seal/dist/index_throws.js')) {
        const url = 'new URL("./seal_throws.wasm", import.meta.url)';
        return replaced(code, 'new URL(path, import.meta.url)', url);
      }
      if (path.endsWith('/libpg-query/wasm/libpg-query.js')) {
        const url = 'new URL("./libpg-query.wasm", import.meta.url).href';
        const module = replaced(code, 'locateFile("libpg-query.wasm")', url);
        // A module that knows its own URL cannot be CommonJS.
        return replaced(
          module,
          /if\(typeof exports==="object"[^]*$/,
          'export default PgQueryModule;',
        );
      }
      return null;
    },
  };
}

/** @throws where a new version of the package has no such place */
function replaced(code: string, from: string | RegExp, to: string): string {
  const changed = code.replace(from, to);
  if (changed === code) throw new Error(`opaline-assets: no ${String(from)} to replace`);
  return changed;
}
