import { EmbeddedLink } from '../../run/embedded.ts';
import type { StoreLink } from '../../store/link.ts';
import { PartCache } from '../../store/backends/part-cache.ts';
import { RemoteParts } from '../../store/backends/remote-parts.ts';
import { verifiedLink } from './verified-link.ts';

export interface ReplayOptions {
  /** Folder of the copies of parts, which were verified before they were put there. */
  readonly cache: string;
  readonly cacheBytes: number;
  /** Ed25519 public key of the tables' owner. */
  readonly owner: Uint8Array;
}

/** Evaluation in this process of what a store keeps and the owner signed. Disposing closes the link. */
export function replayOn(
  store: StoreLink,
  { cache, cacheBytes, owner }: ReplayOptions,
): EmbeddedLink {
  const parts = new RemoteParts(verifiedLink(store, owner), new PartCache(cache, cacheBytes));
  return new EmbeddedLink(parts);
}
