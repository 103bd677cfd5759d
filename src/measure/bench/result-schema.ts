import { z } from 'zod';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { BenchResult } from './result.ts';

const VERSION = 1;

const text = z.string().max(4000);
const name = z.string().min(1).max(200);
const count = z.int().min(0);
const amount = z.number().min(0);
const share = z.number().min(0).max(1);
const few = 10_000;

const mean = z.object({ mean: share, interval: z.tuple([share, share]) });
const times = z.array(amount).min(1).max(few);

const found = {
  recovery: mean,
  measure: z.enum(['rows', 'queries', 'auc']),
  guess: share,
  advantage: mean,
};

const attack = z.object({
  ...found,
  attack: text,
  knowledge: text,
  on: z.enum(['at-rest', 'queries']),
});

const privacy = z.object({
  ...found,
  shows: text,
  attack: text.nullable(),
  knowledge: text.nullable(),
  attacks: z.array(attack).max(100).exactOptional(),
});

const measurement = z.object({
  workload: name,
  scheme: name,
  parameters: text.exactOptional(),
  rows: count,
  ms: times,
  bytesUp: amount.nullable(),
  bytesDown: amount.nullable(),
  bytesAtRest: amount.nullable(),
  bytesKeys: amount.nullable(),
  rssPeakBytes: amount.nullable(),
  wasmPeakBytes: amount.nullable(),
  error: amount,
  noiseMarginBits: z.number().nullable(),
  privacy,
});

const growth = z.object({
  workload: name,
  scheme: name,
  points: z.array(z.object({ rows: z.int().min(1), ms: z.number().positive() })).max(few),
  from: z.int().min(1).exactOptional(),
  exponent: z.number(),
  error: amount,
  expected: z.number().nullable(),
});

const side = z.object({
  ms: times,
  bytesAtRest: amount.nullable(),
  advantage: share.nullable(),
  bytesDown: amount.exactOptional(),
  error: amount.exactOptional(),
});

const ablation = z.object({
  workload: name,
  what: text,
  kind: z.enum(['speed', 'privacy']),
  with: side,
  without: side,
});

const leftOut = z.object({
  scheme: name,
  workload: name.exactOptional(),
  rows: count.exactOptional(),
  reason: text,
});

const schema = z.object({
  version: z.literal(VERSION),
  date: z.iso.datetime(),
  command: text,
  commit: name.nullable(),
  seconds: amount,
  quick: z.boolean(),
  machine: z.object({
    cpu: text,
    cores: count,
    memoryBytes: count,
    os: text,
    node: text,
    load: z.tuple([amount, amount]),
    versions: z.record(name, text),
  }),
  data: z.object({ name: text, rows: count, source: text }),
  schemes: z
    .array(
      z.object({
        scheme: name,
        title: text,
        security: text,
        family: name,
        whose: z.enum(['opaline', 'peer', 'plug-in']),
      }),
    )
    .max(few),
  suites: z
    .array(
      z.object({
        suite: name,
        title: text,
        measurements: z.array(measurement).max(few),
        growth: z.array(growth).max(few),
        ablations: z.array(ablation).max(few),
        leftOut: z.array(leftOut).max(few).exactOptional(),
      }),
    )
    .max(100),
  incomplete: text.exactOptional(),
}) satisfies z.ZodType<BenchResult>;

/**
 * A result from parsed JSON, which may come from anywhere: lengths and ranges are checked.
 * @param wrong makes the error that is thrown, of the place that is wrong and how
 * @throws VERSION_UNSUPPORTED, and what `wrong` makes
 */
export function checkedResult(
  value: unknown,
  wrong: (reason: string) => OpalineError,
): BenchResult {
  const { version } = z.object({ version: z.int() }).safeParse(value).data ?? {};
  if (version !== undefined && version !== VERSION) {
    throw new OpalineError('VERSION_UNSUPPORTED', {
      what: 'the benchmark result',
      version,
      supported: String(VERSION),
    });
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw wrong(`${issue!.path.join('.') || 'the whole'}: ${issue!.message}`);
  }
  return result.data;
}
