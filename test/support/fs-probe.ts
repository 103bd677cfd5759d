import type * as fs from 'node:fs/promises';
import { sep } from 'node:path';

/** One call that changes a disk, or that makes a change durable. */
export interface FsCall {
  readonly op: 'open' | 'write' | 'sync' | 'rename' | 'link' | 'rm' | 'mkdir';
  /** What it is called on, and for a rename or link the new name. */
  readonly path: string;
  readonly to?: string;
}

/** A call, the `at`-th counted from 1, that fails before ('lost') or after ('kept') it took effect. */
export interface FsFault {
  readonly at: number;
  readonly effect: 'lost' | 'kept';
  readonly code: 'ENOSPC' | 'EIO';
  /** The process died with it: no later call has an effect. */
  readonly crash?: true;
}

/** The calls below `folder` since it was set, and the one that is to fail. */
export const probe: {
  folder: string | undefined;
  calls: FsCall[];
  fault: FsFault | undefined;
  /** Told of each call once it took effect. */
  after: ((call: FsCall) => void) | undefined;
  /** Syncs are counted and do nothing: for tests that ask what would be left without them. */
  quick: boolean;
} = { folder: undefined, calls: [], fault: undefined, after: undefined, quick: false };

/** Watch what is done below a folder, and let one call fail. */
export function watch(folder: string | undefined, fault?: FsFault): void {
  probe.folder = folder;
  probe.calls = [];
  probe.fault = fault;
  probe.after = undefined;
}

async function step<T>(call: FsCall, run: () => Promise<T>, lost?: () => unknown): Promise<T> {
  const { folder, calls, fault } = probe;
  const paths = [call.path, call.to ?? call.path];
  const inside = paths.some((path) => path === folder || path.startsWith(`${folder}${sep}`));
  if (folder === undefined || !inside) return await run();
  calls.push(call);
  const dead = fault?.crash === true && calls.length > fault.at;
  if (fault === undefined || (calls.length !== fault.at && !dead)) {
    const result = await run();
    probe.after?.(call);
    return result;
  }
  if (dead) throw Object.assign(new Error('EIO: dead'), { code: 'EIO' });
  if (fault.effect === 'kept') {
    await run();
    probe.after?.(call);
  } else {
    await lost?.();
  }
  throw Object.assign(new Error(`${fault.code}: as planned`), { code: fault.code });
}

/** For `vi.mock('node:fs/promises')`: the module, watched. */
export function probed(actual: typeof fs): Partial<typeof fs> {
  const path = (of: unknown): string => String(of);
  return {
    ...actual,
    open: async (...args) => {
      let opened: fs.FileHandle | undefined;
      try {
        const open = async (): Promise<fs.FileHandle> => (opened = await actual.open(...args));
        return watched(await step({ op: 'open', path: path(args[0]) }, open), path(args[0]));
      } catch (error) {
        await opened?.close();
        throw error;
      }
    },
    writeFile: (...args) =>
      step(
        { op: 'write', path: path(args[0]) },
        () => actual.writeFile(...args),
        () => actual.writeFile(args[0], '{'),
      ),
    rename: (from, to) =>
      step({ op: 'rename', path: path(from), to: path(to) }, () => actual.rename(from, to)),
    link: (from, to) =>
      step({ op: 'link', path: path(from), to: path(to) }, () => actual.link(from, to)),
    rm: (...args) => step({ op: 'rm', path: path(args[0]) }, () => actual.rm(...args)),
    mkdir: ((...args: Parameters<typeof actual.mkdir>) =>
      step({ op: 'mkdir', path: path(args[0]) }, () => actual.mkdir(...args))) as typeof fs.mkdir,
  };
}

function watched(file: fs.FileHandle, path: string): fs.FileHandle {
  return new Proxy(file, {
    get: (target, property) => {
      if (property === 'writeFile') {
        return (bytes: Uint8Array) =>
          step(
            { op: 'write', path },
            () => target.writeFile(bytes),
            // A disk that fills up takes a part of them.
            () => target.write(bytes.subarray(0, bytes.length >> 1)),
          );
      }
      if (property === 'sync') {
        const sync = (): Promise<void> => (probe.quick ? Promise.resolve() : target.sync());
        return () => step({ op: 'sync', path }, sync);
      }
      const member: unknown = Reflect.get(target, property);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
