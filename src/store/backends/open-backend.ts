import type { Backend, BackendDescriptor } from '../backend.ts';
import { FileBackend } from './file.ts';

/** A backend from its description, which travels between threads. */
export async function openBackend(descriptor: BackendDescriptor): Promise<Backend> {
  switch (descriptor.kind) {
    case 'file':
      return new FileBackend(descriptor.path);
    case 'remote': {
      const { address, token, cache, cacheBytes } = descriptor;
      const { HttpLink } = await import('./http/link.ts');
      const { PartCache } = await import('./part-cache.ts');
      const { RemoteParts } = await import('./remote-parts.ts');
      const parts = new PartCache(cache, cacheBytes);
      return new RemoteParts(new HttpLink(address, token), parts, descriptor);
    }
    default:
      return descriptor satisfies never;
  }
}
