import { wipe } from '../../../bytes/compare.ts';
import { deriveKey, keyedHmac } from '../../../bytes/hash.ts';
import { HCHACHA_INPUT, hchacha20 } from '../../../bytes/hchacha.ts';
import { TOKEN_BYTES } from '../../sse/format.ts';

/** Last byte of what HChaCha20 is given under a keyword's key: names end in another. */
const USE = { name: 0, global: 1, pair: 2 } as const;

/** What a keyword comes to under an index's key. */
export interface KeywordKeys {
  /** k_w, 32 bytes: HMAC-SHA-256 of the keyword. */
  readonly key: Uint8Array;
  /** 16 bytes, of which 15 are pseudorandom: stands for the keyword in the multimaps of others. */
  readonly name: Uint8Array;
}

/**
 * Tokens of an index's lists. That of a keyword's own is HChaCha20(k_w, 1); that of a pair is HChaCha20(k_w, name of v),
 * where w is the one whose name comes first: each value of a PRF under a key of one keyword, each input used for
 * one list. To be destroyed after use.
 */
export class PairPrf {
  private readonly mac: ReturnType<typeof keyedHmac>;
  private readonly prf = hchacha20();
  /** Whose key is in place: pairs of one keyword come in a row. */
  private keyed: KeywordKeys | undefined;

  constructor(key: Uint8Array) {
    const own = deriveKey(key, 'opaline/iex/keyword');
    this.mac = keyedHmac(own);
    wipe(own);
  }

  keys(keyword: Uint8Array): KeywordKeys {
    const key = this.mac(keyword);
    this.run(key, USE.name);
    const name = this.prf.output.slice(0, HCHACHA_INPUT);
    name[HCHACHA_INPUT - 1] = USE.pair;
    return { key, name };
  }

  global({ key }: KeywordKeys, into: Uint8Array = new Uint8Array(TOKEN_BYTES)): Uint8Array {
    this.run(key, USE.global);
    into.set(this.prf.output);
    return into;
  }

  /** `a` and `b` are of different keywords, `a` the one whose name comes first. */
  pair(a: KeywordKeys, b: KeywordKeys, into: Uint8Array = new Uint8Array(TOKEN_BYTES)): Uint8Array {
    const { prf } = this;
    if (this.keyed !== a) prf.key.set(a.key);
    this.keyed = a;
    prf.input.set(b.name);
    prf.run();
    into.set(prf.output);
    return into;
  }

  destroy(): void {
    this.mac.destroy();
    this.prf.destroy();
  }

  private run(key: Uint8Array, use: number): void {
    const { prf } = this;
    prf.key.set(key);
    this.keyed = undefined;
    prf.input.fill(0);
    prf.input[HCHACHA_INPUT - 1] = use;
    prf.run();
  }
}
