import type { MeanInterval } from '../attacks/interval.ts';

/**
 * What a run of `opaline bench` found, as its JSON file has it: plain data, in units that the names give. A reader
 * needs nothing else: reports, comparisons and claims are made from this alone.
 */
export interface BenchResult {
  readonly version: 1;
  /** ISO 8601, when it began. */
  readonly date: string;
  /** As typed. */
  readonly command: string;
  /** Of the checkout, with `+` where files differ from it; null outside of one. */
  readonly commit: string | null;
  readonly seconds: number;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly data: DataSource;
  readonly schemes: readonly SchemeStatement[];
  readonly suites: readonly SuiteMeasurements[];
  /** Where the run had come when this was written; absent: it is whole. */
  readonly incomplete?: string;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly node: string;
  /** Load averages of a minute before and after: above the cores, others were working too. */
  readonly load: readonly [before: number, after: number];
  /** Versions of what was measured, by package. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface DataSource {
  /** Of the table: "flights", or a file's base name. */
  readonly name: string;
  readonly rows: number;
  /** Where it came from, with its licence where it is public. */
  readonly source: string;
}

export interface SuiteMeasurements {
  /** As registered: `micro`, `queries`, `search`, `tradeoff`, … */
  readonly suite: string;
  readonly title: string;
  readonly measurements: readonly Measurement[];
  readonly growth: readonly Growth[];
  readonly ablations: readonly Ablation[];
  /** What was not measured, and why: a package that is missing, more rows than a scheme takes, an answer that failed. */
  readonly leftOut?: readonly LeftOut[];
}

export interface LeftOut {
  readonly scheme: string;
  /** Absent: the scheme as a whole. */
  readonly workload?: string;
  readonly rows?: number;
  /** In a sentence without a full stop. */
  readonly reason: string;
}

/** One way of answering one workload over so many rows. */
export interface Measurement {
  readonly workload: string;
  /** The scheme's name as registered. */
  readonly scheme: string;
  /** Of the scheme, where one scheme is measured with several: "n = 4096, three primes of 27 bits". */
  readonly parameters?: string;
  readonly rows: number;
  /** Milliseconds of every run after the warm-up, in the order in which they were taken. */
  readonly ms: readonly number[];
  /** Of one run. Null: does not apply, or could not be told apart. */
  readonly bytesUp: number | null;
  readonly bytesDown: number | null;
  /** What the store keeps so that it can answer this, all in all. */
  readonly bytesAtRest: number | null;
  /** Keys that the store is given. */
  readonly bytesKeys: number | null;
  /** Most resident memory of the process while one was answered, over what it had just before; null: the system does not tell. */
  readonly rssPeakBytes: number | null;
  /** WebAssembly memory that preparing and answering added; a module that schemes share counts for the first of them. */
  readonly wasmPeakBytes: number | null;
  /** Greatest relative error against the plaintext answer; 0: the same. */
  readonly error: number;
  /** Bits between the noise of what was decrypted, or its proved bound, and what would be wrong; null: none. */
  readonly noiseMarginBits: number | null;
  readonly privacy: Privacy;
}

/** What the store learns by this scheme and workload, as an attack on what was built has measured it. */
export interface Privacy {
  /** Leakage profile in a sentence: at rest, and by the query. */
  readonly shows: string;
  /** The attack; null: the store reads the values, there is nothing to attack. */
  readonly attack: string | null;
  /** What the attacker was given beside the store's view. */
  readonly knowledge: string | null;
  /** Share recovered of what the attack is after (`auc`: area under the ROC curve), over seeds. */
  readonly recovery: MeanInterval;
  readonly measure: 'rows' | 'queries' | 'auc';
  /** What naming the commonest value for everything gets; 0.5 of an AUC. */
  readonly guess: number;
  /** (recovery − guess) / (1 − guess), at least 0: 1 is everything, 0 no more than by guessing. */
  readonly advantage: MeanInterval;
  /** Every attack that was run on this, the one above among them: it is the one that gains most of its measure. */
  readonly attacks?: readonly AttackResult[];
}

/** One attack on what the store sees. */
export interface AttackResult extends Omit<Privacy, 'shows' | 'attack' | 'knowledge' | 'attacks'> {
  readonly attack: string;
  readonly knowledge: string;
  /** What it looked at: the store's files, or queries as well. */
  readonly on: 'at-rest' | 'queries';
}

/** Time against rows, fitted as a·rows^exponent by least squares of the logarithms (growth.ts). */
export interface Growth {
  readonly workload: string;
  readonly scheme: string;
  readonly points: readonly { readonly rows: number; readonly ms: number }[];
  /** Rows of the smallest size that the fit takes: below, what does not grow outweighs. Absent: it takes all. */
  readonly from?: number;
  readonly exponent: number;
  /** Standard error of the exponent. */
  readonly error: number;
  /** What it should be: 1 for a scan, 0 for a lookup; null where nothing is claimed. */
  readonly expected: number | null;
}

/** The same workload with one optimisation, or one measure for privacy, left out. */
export interface Ablation {
  readonly workload: string;
  readonly what: string;
  readonly kind: 'speed' | 'privacy';
  readonly with: AblationSide;
  readonly without: AblationSide;
}

export interface AblationSide {
  readonly ms: readonly number[];
  readonly bytesAtRest: number | null;
  readonly advantage: number | null;
  /** Of one answer; absent: not of interest. */
  readonly bytesDown?: number;
  /** Greatest relative error; absent: none. */
  readonly error?: number;
}

/** Schemes that a result speaks of, so that a report needs no program beside it. */
export interface SchemeStatement {
  readonly scheme: string;
  readonly title: string;
  /** What it hides, from whom, under which assumption. */
  readonly security: string;
  /** Lower-case family: plaintext, download, tags, sse, hiding, homomorphic. */
  readonly family: string;
  /** Ours, somebody else's, or a plug-in's. */
  readonly whose: 'opaline' | 'peer' | 'plug-in';
}
