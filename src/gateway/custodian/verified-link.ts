import { equalBytes } from '../../bytes/compare.ts';
import { isFrame } from '../../bytes/framing.ts';
import { sha256OfLarge } from '../../bytes/hash.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { thresholdParameters } from '../../params/presets.ts';
import type { Ring } from '../../ring/ring.ts';
import { createWasmRing } from '../../ring/simd/wasm-ring.ts';
import { wholeAtRest } from '../../run/evaluate/at-rest.ts';
import type { PartsLink } from '../../store/backends/remote-parts.ts';
import { type PartEntry, partsOf, verifyManifest } from '../../table/manifest.ts';

/**
 * A store's manifests and parts, believed because the owner signed them: a head must carry the owner's signature,
 * and a part the digest that a head of its table names. Ciphertext columns come as they were uploaded, are checked,
 * and are brought here to the form that evaluation reads.
 */
export function verifiedLink(link: PartsLink, owner: Uint8Array): PartsLink {
  const known = new Map<string, ReadonlyMap<string, PartEntry>>();
  let ring: Ring | undefined;
  const expand = (wire: Uint8Array, part: string): Promise<Uint8Array> => {
    const { n, dataPrimes } = thresholdParameters({ parties: 1, quorum: 2 });
    ring ??= createWasmRing(n, dataPrimes);
    return wholeAtRest(ring, wire, part);
  };
  return {
    address: link.address,
    tables: () => link.tables(),
    parts: (table) => link.parts(table),
    head: async (table) => {
      const bytes = await link.head(table);
      if (bytes === undefined) return undefined;
      const manifest = verifyManifest(bytes, table, owner);
      known.set(table, new Map([...partsOf(manifest)].map((entry) => [entry.id, entry])));
      return bytes;
    },
    fetch: async ({ table, part, rows }) => {
      const entry = rows === undefined ? known.get(table)?.get(part) : undefined;
      if (entry === undefined) throw new OpalineError('PART_MISSING', { part });
      const [bytes] = await link.fetch({ table, part, asUploaded: true });
      if (bytes === undefined) throw new OpalineError('PART_MISSING', { part });
      if (!equalBytes(await sha256OfLarge(bytes), entry.digest)) {
        throw new OpalineError('PART_CORRUPT', { part, reason: 'its digest does not match' });
      }
      return [isFrame(bytes, 'COLP') ? await expand(bytes, part) : bytes];
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}
