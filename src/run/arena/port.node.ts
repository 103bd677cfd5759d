import { once } from 'node:events';
import { MessageChannel, type MessagePort, parentPort } from 'node:worker_threads';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { MemoryRegion } from '../../ring/simd/wasm-ring.ts';
import type { Residency } from '../evaluate/residency.ts';
import type { DirectoryReply, DirectoryRequest } from './protocol.ts';
import type { ResidentArena } from './resident-arena.ts';
import { ArenaSession } from './session.ts';

/** A thread's first message: over this port it talks to the directory. */
export interface JoinMessage {
  readonly opalineArena: MessagePort;
}

interface Welcome {
  readonly region: Required<MemoryRegion>;
  readonly capacity: number;
}

export function isJoinMessage(message: unknown): message is JoinMessage {
  return typeof message === 'object' && message !== null && 'opalineArena' in message;
}

/**
 * Serve one thread until its port closes, which happens when the thread has ended: aborted or
 * crashed, it cannot write to the memory any more, and what it held is free.
 */
export function serveArena(arena: ResidentArena, port: MessagePort): void {
  const connection = arena.directory.attach((reply) => port.postMessage(reply));
  let region: number | undefined;
  let closed = false;
  port.on('message', (request: DirectoryRequest) => connection.receive(request));
  port.on('close', () => {
    closed = true;
    connection.close();
    if (region !== undefined) arena.giveBack(region);
  });
  // The task a thread works on keeps the process alive, its port does not.
  port.unref();
  void arena.takeRegion().then((taken) => {
    if (closed) return arena.giveBack(taken);
    region = taken;
    const welcome: Welcome = { region: arena.regionOf(taken), capacity: arena.capacity };
    port.postMessage(welcome);
  });
}

/** In a worker thread: the residency that `serveArena` in the thread that started it offers. */
export async function joinArena(): Promise<Residency> {
  if (parentPort === null) {
    throw new OpalineError('INTERNAL', { reason: 'the arena is joined from worker threads' });
  }
  const { port1, port2 } = new MessageChannel();
  const join: JoinMessage = { opalineArena: port2 };
  parentPort.postMessage(join, [port2]);
  const [{ region, capacity }] = (await once(port1, 'message')) as [Welcome];
  const session = new ArenaSession(region, capacity, (request) => port1.postMessage(request));
  port1.on('message', (reply: DirectoryReply) => session.receive(reply));
  return session;
}
