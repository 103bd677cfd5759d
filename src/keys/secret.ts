import { deriveKey } from '../bytes/hash.ts';
import { randomBytes } from '../bytes/random.ts';
import { publicKeyOf } from '../bytes/signature.ts';
import { wipe } from '../bytes/compare.ts';
import type { CheckEngine, ProductEngine, RealEngine, SecretEngine } from '../engine/engine.ts';
import type { Parameters } from '../params/parameters.ts';
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
  private readonly engines = new Map<number, Promise<SecretEngine>>();
  private products: Promise<ProductEngine> | undefined;
  private reals: Promise<RealEngine> | undefined;
  private checks: Promise<CheckEngine> | undefined;

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

  /** The engine that encrypts and decrypts; made when first needed. */
  engine(parameters: Parameters): Promise<SecretEngine> {
    const known = this.engines.get(parameters.plainBits);
    if (known !== undefined) return known;
    const engine = openSecretEngine(parameters, this.contents.ring);
    this.engines.set(parameters.plainBits, engine);
    return engine;
  }

  /** The engine of products; made when first needed, which takes most of a second. */
  productEngine(): Promise<ProductEngine> {
    this.products ??= this.productSecret().then(openProductEngine);
    return this.products;
  }

  /** The engine of reals; likewise. */
  realEngine(): Promise<RealEngine> {
    this.reals ??= this.realSecret().then(openRealEngine);
    return this.reals;
  }

  /** The engine of check columns; made when first needed. */
  checkEngine(): Promise<CheckEngine> {
    this.checks ??= openCheckEngine(this.contents.ring);
    return this.checks;
  }

  async close(): Promise<void> {
    (await this.checks)?.[Symbol.dispose]();
    this.checks = undefined;
    (await this.products)?.[Symbol.dispose]();
    this.products = undefined;
    (await this.reals)?.[Symbol.dispose]();
    this.reals = undefined;
    for (const engine of this.engines.values()) (await engine)[Symbol.dispose]();
    this.engines.clear();
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
