import { wipe } from '../../../bytes/compare.ts';
import { deriveKey, keyedHmac } from '../../../bytes/hash.ts';
import { hchacha20 } from '../../../bytes/hchacha.ts';
import { randomBytes } from '../../../bytes/random.ts';
import { LABEL_WORDS, PAYLOAD_BYTES } from '../format.ts';

/** First byte of what HChaCha20 is given under a keyword's key: all zeros, or a batch's salt. */
const SALT_MARK = 1;
/** First word of what it is given under a keyword's key in a batch. */
const USE = { entry: 0, tag: 1 } as const;
export const SALT_BYTES = 16;

/** What names a keyword in the vault's state: 64 bits of a PRF. */
export interface Fingerprint {
  readonly high: number;
  readonly low: number;
}

export interface Change {
  readonly row: number;
  readonly op: 'add' | 'delete';
}

/** A batch's salt: 15 random bytes after one that says what it is for. */
export function newSalt(): Uint8Array {
  const salt = randomBytes(SALT_BYTES);
  salt[0] = SALT_MARK;
  return salt;
}

export function isSalt(bytes: Uint8Array): boolean {
  return bytes.length === SALT_BYTES && bytes[0] === SALT_MARK;
}

/**
 * F of one index: from keywords to labels, pads and tags. Select a keyword, then one of its batches, then seal or open its
 * entries; to be destroyed after use.
 *
 * The keyword's key is k_w = HMAC-SHA-256 of it under a key of the index's; its key in a batch is
 * k_w,β = HChaCha20(k_w, salt of the batch). Entry c has HChaCha20(k_w,β, 0 ‖ c): its first 12 bytes are
 * the label, the next 4 the pad. The tag is the beginning of HChaCha20(k_w,β, 1 ‖ c ‖ value): a PRF is a MAC.
 * It binds the value to its keyword, batch and counter, so that no entry passes for another.
 */
export class EntryCipher {
  private readonly mac: ReturnType<typeof keyedHmac>;
  private readonly prf = hchacha20();
  private readonly keyword = new Uint8Array(32);
  private readonly batch = new Uint8Array(32);

  constructor(key: Uint8Array) {
    const own = deriveKey(key, 'opaline/mitra/keyword');
    this.mac = keyedHmac(own);
    wipe(own);
  }

  selectKeyword(keyword: Uint8Array): Fingerprint {
    this.mac(keyword, this.keyword);
    const { prf } = this;
    prf.key.set(this.keyword);
    prf.input.fill(0);
    prf.run();
    return { high: prf.outputWords[0]!, low: prf.outputWords[1]! };
  }

  selectBatch(salt: Uint8Array): void {
    const { prf } = this;
    prf.key.set(this.keyword);
    prf.input.set(salt);
    prf.run();
    this.batch.set(prf.output);
  }

  /** The label and, in `pad`, the pad of entry `counter`; the label goes into `words` at `at`. */
  label(counter: number, words: Uint32Array, at: number): void {
    this.expand(counter);
    for (let i = 0; i < LABEL_WORDS; i++) words[at + i] = this.prf.outputWords[i]!;
  }

  /** Write label and sealed value of entry `counter` at a byte offset. */
  seal(counter: number, { row, op }: Change, view: DataView, at: number): void {
    this.expand(counter);
    const { outputWords } = this.prf;
    for (let i = 0; i < LABEL_WORDS; i++) view.setUint32(at + 4 * i, outputWords[i]!, true);
    const value = row * 2 + (op === 'delete' ? 1 : 0);
    const payload = at + 4 * LABEL_WORDS;
    view.setUint32(payload, value ^ outputWords[LABEL_WORDS]!, true);
    this.tag(counter, value);
    view.setUint32(payload + 4, outputWords[0]!, true);
    view.setUint32(payload + 8, outputWords[1]!, true);
  }

  /** The change that `PAYLOAD_BYTES` bytes at an offset hold; undefined unless they are those of entry `counter`. */
  open(counter: number, view: DataView, at: number): Change | undefined {
    if (at + PAYLOAD_BYTES > view.byteLength) return undefined;
    this.expand(counter);
    const { outputWords } = this.prf;
    const value = (view.getUint32(at, true) ^ outputWords[LABEL_WORDS]!) >>> 0;
    this.tag(counter, value);
    const difference =
      (view.getUint32(at + 4, true) ^ outputWords[0]!) |
      (view.getUint32(at + 8, true) ^ outputWords[1]!);
    if (difference !== 0) return undefined;
    return { row: value >>> 1, op: (value & 1) === 1 ? 'delete' : 'add' };
  }

  destroy(): void {
    this.mac.destroy();
    this.prf.destroy();
    wipe(this.keyword, this.batch);
  }

  private expand(counter: number): void {
    this.run(USE.entry, counter, 0);
  }

  private tag(counter: number, value: number): void {
    this.run(USE.tag, counter, value);
  }

  private run(use: number, counter: number, value: number): void {
    const { prf } = this;
    prf.key.set(this.batch);
    prf.inputWords[0] = use;
    prf.inputWords[1] = counter;
    prf.inputWords[2] = value;
    prf.inputWords[3] = 0;
    prf.run();
  }
}
