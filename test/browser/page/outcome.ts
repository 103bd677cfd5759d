/** What became of one test of a suite. */
export interface Outcome {
  readonly name: string;
  readonly state: 'pass' | 'fail' | 'skip';
  readonly errors: readonly string[];
}
