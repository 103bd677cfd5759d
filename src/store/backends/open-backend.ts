import type { Backend, BackendDescriptor } from '../backend.ts';
import { FileBackend } from './file.ts';
import { HttpLink } from './http/link.ts';
import { PartCache } from './part-cache.ts';
import { RemoteParts } from './remote-parts.ts';

/** A backend from its description, which travels between threads. */
export function openBackend(descriptor: BackendDescriptor): Backend {
  switch (descriptor.kind) {
    case 'file':
      return new FileBackend(descriptor.path);
    case 'remote': {
      const { address, token, cache, cacheBytes } = descriptor;
      const parts = new PartCache(cache, cacheBytes);
      return new RemoteParts(new HttpLink(address, token), parts, descriptor);
    }
    default:
      return descriptor satisfies never;
  }
}
