import type { StoreLink } from '../../src/store/link.ts';

/** Every byte and name that crosses a link, in both directions. */
export interface Recording {
  readonly link: StoreLink;
  readonly seen: { name: string; bytes: Uint8Array }[];
}

/** Wraps a link so that each call's arguments and result are kept. */
export function recordLink(inner: StoreLink): Recording {
  const seen: Recording['seen'] = [];
  const keep = (name: string, value: unknown): void => {
    if (value instanceof Uint8Array || value instanceof Uint32Array) {
      seen.push({
        name,
        bytes: new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice(),
      });
    } else if (typeof value === 'string' || typeof value === 'number') {
      seen.push({ name, bytes: new TextEncoder().encode(String(value)) });
    } else if (Array.isArray(value)) {
      for (const item of value) keep(name, item);
    } else if (typeof value === 'object' && value !== null && !(value instanceof AbortSignal)) {
      for (const [key, item] of Object.entries(value)) keep(`${name}.${key}`, item);
    }
  };
  const link = new Proxy(inner, {
    get: (target, property, receiver) => {
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        keep(`${String(property)} request`, args);
        const result: unknown = Reflect.apply(member, target, args);
        if (!(result instanceof Promise)) return result;
        return result.then((value: unknown) => {
          keep(`${String(property)} reply`, value);
          return value;
        });
      };
    },
  });
  return { link, seen };
}
