/**
 * Which worker gets which segment, so that a segment stays in one worker's memory: highest random
 * weight (Thaler and Ravishankar, 1998), by which a worker that comes or goes moves few segments but
 * its own, with the load of each bounded by its fair share (Mirrokni, Thorup and Zadimoghaddam, SODA
 * 2018), since a query takes as long as its busiest worker.
 *
 * Weights need to be even, not secret: ids are random, and a mix of their hashes is enough.
 */
export function place(
  segments: readonly string[],
  workers: readonly string[],
): ReadonlyMap<string, string> {
  const hashes = workers.map(hash);
  const share = Math.ceil(segments.length / workers.length);
  const loads = workers.map(() => 0);
  const placed = new Map<string, string>();
  for (const segment of segments) {
    const own = hash(segment);
    let best = -1;
    let most = -1;
    for (let w = 0; w < workers.length; w++) {
      if (loads[w]! >= share) continue;
      const weight = mix(own ^ hashes[w]!);
      // A tie goes by name, in whatever order workers are listed.
      if (weight < most || (weight === most && workers[w]! < workers[best]!)) continue;
      most = weight;
      best = w;
    }
    loads[best]!++;
    placed.set(segment, workers[best]!);
  }
  return placed;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return mix(value);
}

/** The finalizer of MurmurHash3, 32 bits, unsigned. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
