import type {
  ExpectedObject,
  SealFacts,
  SealType,
} from '../../engine/seal/inspect/object-types.ts';
import {
  parseModulusChain,
  parseSealObject,
  recogniseSeal,
} from '../../engine/seal/inspect/seal-object.ts';
import type { ModulusChain } from '../../engine/seal/inspect/modulus-chain.ts';
import { type Facts, SEAL_UNKNOWN } from './formats.ts';
import { inflateSeal } from './inflate.ts';

/** What the bytes of SEAL's are. Types come first to last by likelihood where they do not tell. */
export interface SealVerdict {
  readonly types: readonly string[];
  readonly error?: unknown;
  readonly facts?: Facts;
}

/**
 * Looks at an object of SEAL 4.1, compressed or not, with our own parser: SEAL itself is not even
 * loaded. `as` is the type to take it for, `parms` serialised encryption parameters.
 *
 * Throws BYTES_INVALID and PARAMETERS_INVALID for the parameters alone.
 */
export async function inspectSeal(
  data: Uint8Array,
  as: SealType | undefined,
  parms: Uint8Array | undefined,
): Promise<SealVerdict> {
  const chain = parms && (await readChain(parms));
  const expected: ExpectedObject = { chain };
  try {
    const { object, compression } = await inflateSeal(data, 'the file');
    if (as !== undefined) {
      return { types: [as], facts: present(parseSealObject(object, as, expected), compression) };
    }
    const { types, facts, error } = recogniseSeal(object, expected);
    if (facts !== undefined) return { types, facts: present(facts, compression) };
    return { types: types.length === 0 ? [SEAL_UNKNOWN] : types, error };
  } catch (error) {
    return { types: [as ?? SEAL_UNKNOWN], error };
  }
}

async function readChain(parms: Uint8Array): Promise<ModulusChain> {
  return parseModulusChain((await inflateSeal(parms, 'the parameters')).object);
}

function present({ scheme, n, primes, ...rest }: SealFacts, compression: string): Facts {
  const out: Record<string, Facts[string]> = {
    scheme: scheme ?? null,
    n: n ?? null,
    primes: primes === undefined ? null : asJson(primes),
  };
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined) out[name] = typeof value === 'bigint' ? asJson([value])[0]! : value;
  }
  return { ...out, compression };
}

/** Numbers where every reader of JSON keeps all of them exact, else digits. */
function asJson(values: readonly bigint[]): readonly number[] | readonly string[] {
  const exact = values.every((value) => value <= Number.MAX_SAFE_INTEGER);
  return exact ? values.map(Number) : values.map(String);
}
