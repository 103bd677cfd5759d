import { hchacha } from '@noble/ciphers/chacha.js';
import { utf8 } from './codec.ts';

/** "expand 32-byte k" (RFC 8439, section 2.3). */
const CONSTANTS = wordView(new Uint8Array(utf8('expand 32-byte k')));

/** Bytes of an input. */
export const HCHACHA_INPUT = 16;

/**
 * A PRF from 16 to 32 bytes: HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2), which is one if ChaCha20 is
 * (Bernstein, "Extending the Salsa20 nonce", 2011). Where an index takes millions of values of a PRF, each from a
 * short input, it takes a fifth of the time of HMAC.
 *
 * One instance has room for one key and one input, filled by the caller in place, and gives its output in
 * place: nothing is allocated for a value.
 */
export interface HChaCha {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 16 bytes. */
  readonly input: Uint8Array;
  /** `input` as words; words are stored in the machine's order, which every machine that runs this has little-endian. */
  readonly inputWords: Uint32Array;
  /** 32 bytes, those of the last `run`. */
  readonly output: Uint8Array;
  readonly outputWords: Uint32Array;
  readonly run: () => void;
  /** Wipe key, input and output. */
  readonly destroy: () => void;
}

export function hchacha20(): HChaCha {
  const [key, input, output] = [32, HCHACHA_INPUT, 32].map((size) => new Uint8Array(size)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const [keyWords, inputWords, outputWords] = [wordView(key), wordView(input), wordView(output)];
  return {
    key,
    input,
    inputWords,
    output,
    outputWords,
    run: () => hchacha(CONSTANTS, keyWords, inputWords, outputWords),
    destroy: () => {
      for (const secret of [key, input, output]) secret.fill(0);
    },
  };
}

function wordView(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
