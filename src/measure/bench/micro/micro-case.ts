/** One operation, timed by itself. */
export interface MicroCase {
  /** "add", "forward NTT", … */
  readonly operation: string;
  /** Name of the statement that the suite makes of it. */
  readonly scheme: string;
  /** Degree, moduli, scale. */
  readonly parameters: string;
  /** Values that one call works on. */
  readonly values: number;
  readonly call: () => void;
  /** What the operation made: read once, after the runs. */
  readonly made?: () => MadeByOperation;
}

export interface MadeByOperation {
  /** Of one ciphertext or polynomial, uncompressed. */
  readonly bytes?: number;
  /** Of the keys that the store is given for it. */
  readonly keyBytes?: number;
  /** Greatest relative error of what it decrypts to. */
  readonly error?: number;
  readonly noiseMarginBits?: number;
}
