import { deriveKey } from '../bytes/hash.ts';
import { randomBytes } from '../bytes/random.ts';
import { publicKeyOf } from '../bytes/signature.ts';
import { wipe } from '../bytes/compare.ts';
import type {
  CheckEngine,
  ProductDecryptor,
  ProductEngine,
  RealEngine,
  SecretEngine,
  SumDecryptor,
} from '../engine/engine.ts';
import type { CheckParameters, Parameters } from '../params/parameters.ts';
import { productParameters, realParameters, verifyingParameters } from '../params/presets.ts';
import type { VaultContents } from './sealed.ts';

/** Fresh contents for a new vault. */
export async function generateContents(
  parameters: Parameters,
  store: string,
  storeToken = '',
): Promise<VaultContents> {
  const { generateSecretKey } = await import('../engine/seal/encrypt.ts');
  return {
    master: randomBytes(32),
    signing: randomBytes(32),
    ring: await generateSecretKey(parameters),
    store,
    storeToken,
  };
}

/**
 * The open vault's secrets. Close it to overwrite what can be overwritten. SEAL's ciphers are loaded when an engine
 * is asked for: opening the vault's file need not wait for them.
 */
export class VaultSecrets implements Disposable {
  readonly publicKey: Uint8Array;
  private readonly contents: VaultContents;
  /** Engines and decryptors, by what they are of. */
  private readonly made = new Map<string, Promise<Disposable>>();

  constructor(contents: VaultContents) {
    this.contents = contents;
    this.publicKey = publicKeyOf(contents.signing);
  }

  get signing(): Uint8Array {
    return this.contents.signing;
  }

  /** The ring secret, for the vault's own sealing workers. */
  get ring(): Uint8Array {
    return this.contents.ring;
  }

  /** The ring secret of products, for the same; made anew at each call. */
  async productSecret(): Promise<Uint8Array> {
    const { deriveProductSecret } = await import('./product-secret.ts');
    return deriveProductSecret(this.contents.master, productParameters().n);
  }

  /** The ring secret of reals, likewise. */
  async realSecret(): Promise<Uint8Array> {
    const { deriveRealSecret } = await import('./real-secret.ts');
    return deriveRealSecret(this.contents.master, realParameters().n);
  }

  /** Of which check columns are made (check-key.ts), for the vault's own sealing workers; made anew at each call. */
  checkSecret(): Uint8Array {
    return deriveKey(this.contents.master, 'opaline/1/check');
  }

  /** Seals the private part of a table's manifests. */
  manifestKey(table: string): Uint8Array {
    return deriveKey(this.contents.master, `opaline/1/table/${table}/manifest`);
  }

  /** Seals the vault's own small files. */
  localKey(use: string): Uint8Array {
    return deriveKey(this.contents.master, `opaline/1/local/${use}`);
  }

  /** What opens sums of those parameters; made when first needed, and without SEAL. */
  sums(parameters: Parameters): Promise<SumDecryptor> {
    const name = `sums modulo 2^${parameters.plainBits}`;
    return this.once(name, () => openSumDecryptor(parameters, this.contents.ring));
  }

  /** What opens checks of sums; likewise. */
  checks(): Promise<SumDecryptor> {
    return this.once('checks', () => openSumDecryptor(verifyingParameters(), this.contents.ring));
  }

  /** What opens sums of products; likewise. */
  productSums(): Promise<ProductDecryptor> {
    return this.once('sums of products', async () => {
      const secret = await this.productSecret();
      try {
        const { createProductDecryptor } = await import('../engine/seal/decrypt-product-sums.ts');
        return createProductDecryptor(productParameters(), secret);
      } finally {
        wipe(secret);
      }
    });
  }

  /** The engine that encrypts, too; made when first needed. */
  engine(parameters: Parameters): Promise<SecretEngine> {
    const name = `columns modulo 2^${parameters.plainBits}`;
    return this.once(name, () => openSecretEngine(parameters, this.contents.ring));
  }

  /** The engine of products; made when first needed, which takes most of a second. */
  productEngine(): Promise<ProductEngine> {
    return this.once('products', async () => openProductEngine(await this.productSecret()));
  }

  /** The engine of reals; likewise. */
  realEngine(): Promise<RealEngine> {
    return this.once('reals', async () => openRealEngine(await this.realSecret()));
  }

  /** The engine of check columns; made when first needed. */
  checkEngine(): Promise<CheckEngine> {
    return this.once('check columns', () => openCheckEngine(this.contents.ring));
  }

  private once<T extends Disposable>(name: string, make: () => Promise<T>): Promise<T> {
    // Equal names, equal types.
    const known = this.made.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.made.set(name, made);
    return made;
  }

  async close(): Promise<void> {
    for (const made of this.made.values()) (await made)[Symbol.dispose]();
    this.made.clear();
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    wipe(this.contents.master, this.contents.signing, this.contents.ring);
  }
}

/** A fresh ring secret of the parameters' degree (engine/seal/secret-key.ts); wipe it after use. */
export async function generateRingSecret(parameters: Parameters): Promise<Uint8Array> {
  const { generateSecretKey } = await import('../engine/seal/encrypt.ts');
  return await generateSecretKey(parameters);
}

/** Load what opens sums before it is needed. */
export const loadSums = (): Promise<typeof import('../engine/seal/decrypt-sums.ts')> =>
  import('../engine/seal/decrypt-sums.ts');

async function openSumDecryptor(
  parameters: Parameters | CheckParameters,
  ring: Uint8Array,
): Promise<SumDecryptor> {
  const { createSumDecryptor } = await loadSums();
  return createSumDecryptor(parameters, ring);
}

/** The engine over a ring secret that the caller already holds: the vault's sealing workers. */
export async function openSecretEngine(
  parameters: Parameters,
  ring: Uint8Array,
): Promise<SecretEngine> {
  const { createSealSecretEngine } = await import('../engine/seal/decrypt.ts');
  return await createSealSecretEngine(parameters, ring);
}

/** The engine of check columns, over the ring secret that sums have. */
export async function openCheckEngine(ring: Uint8Array): Promise<CheckEngine> {
  const { createSealCheckEngine } = await import('../engine/seal/decrypt-check.ts');
  return await createSealCheckEngine(verifyingParameters(), ring);
}

/** The engine over the secret of products, which is wiped. */
export async function openProductEngine(secret: Uint8Array): Promise<ProductEngine> {
  try {
    const { createSealProductEngine } = await import('../engine/seal/decrypt-product.ts');
    return await createSealProductEngine(productParameters(), secret);
  } finally {
    wipe(secret);
  }
}

/** The engine over the secret of reals, which is wiped. */
export async function openRealEngine(secret: Uint8Array): Promise<RealEngine> {
  try {
    const { createSealRealEngine } = await import('../engine/seal/decrypt-real.ts');
    return await createSealRealEngine(realParameters(), secret);
  } finally {
    wipe(secret);
  }
}
