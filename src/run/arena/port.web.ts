import type { MemoryRegion } from '../../ring/simd/wasm-ring.ts';
import type { Residency } from '../evaluate/residency.ts';
import type { DirectoryReply, DirectoryRequest } from './protocol.ts';
import type { ResidentArena } from './resident-arena.ts';
import { ArenaSession } from './session.ts';

interface Welcome {
  readonly region: Required<MemoryRegion>;
  readonly capacity: number;
}

/**
 * Serve one worker over its port. A browser does not say when the other side of a port is gone, so whoever
 * started the worker calls what this returns, once the worker has ended and cannot write to the memory any more.
 */
export function serveArena(arena: ResidentArena, port: MessagePort): () => void {
  const connection = arena.directory.attach((reply) => port.postMessage(reply));
  let region: number | undefined;
  let closed = false;
  port.addEventListener('message', ({ data }: MessageEvent<DirectoryRequest>) =>
    connection.receive(data),
  );
  port.start();
  void arena.takeRegion().then((taken) => {
    if (closed) return arena.giveBack(taken);
    region = taken;
    const welcome: Welcome = { region: arena.regionOf(taken), capacity: arena.capacity };
    port.postMessage(welcome);
  });
  return () => {
    closed = true;
    port.close();
    connection.close();
    if (region !== undefined) arena.giveBack(region);
  };
}

/** In a worker: the residency that `serveArena` offers at the other end of the port. */
export async function joinArena(port: MessagePort): Promise<Residency> {
  const welcomed = Promise.withResolvers<ArenaSession>();
  let session: ArenaSession | undefined;
  port.addEventListener('message', ({ data }: MessageEvent<Welcome | DirectoryReply>) => {
    if (session !== undefined) return session.receive(data as DirectoryReply);
    const { region, capacity } = data as Welcome;
    session = new ArenaSession(region, capacity, (request) => port.postMessage(request));
    welcomed.resolve(session);
  });
  port.start();
  return await welcomed.promise;
}
