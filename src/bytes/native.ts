/**
 * node:crypto where there is one, reached without an import so that the same module loads in a
 * browser, where @noble and WebCrypto serve.
 */
type NodeCrypto = typeof import('node:crypto');

function load(): NodeCrypto | undefined {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') {
    return undefined;
  }
  return process.getBuiltinModule('node:crypto');
}

export const nodeCrypto: NodeCrypto | undefined = load();
