/**
 * Adding a scheme to the benchmark: `lab/ashe.ts` is all that it takes. Here it is measured beside plaintext and Opaline,
 * as `opaline bench tradeoff --quick --plugin examples/lab/ashe.ts` does, and what was found is looked at.
 */
import assert from 'node:assert/strict';
import { runBench, standardRegistry } from 'opaline/lab';
import { scheme } from './lab/ashe.ts';

const registry = standardRegistry().addScheme(scheme);
const { suites, schemes } = await runBench(registry, {
  suites: ['queries'],
  schemes: ['plain-js', 'opaline', 'ashe'],
  quick: true,
  rows: 10_000,
  command: 'examples/09-adding-a-scheme.ts',
  signal: new AbortController().signal,
});

assert.deepEqual(
  schemes.map(({ scheme: name, whose }) => `${name}: ${whose}`),
  ['plain-js: peer', 'opaline: opaline', 'ashe: plug-in'],
);
const measurements = suites[0]?.measurements ?? [];
const sum = (name: string): (typeof measurements)[0] => {
  const found = measurements.find((one) => one.scheme === name && one.workload === 'sum');
  assert.ok(found, `${name} was not measured`);
  return found;
};

// It answers exactly, and an attack on what the store holds gains nothing over naming the commonest value.
assert.equal(sum('ashe').error, 0);
assert.ok(sum('ashe').privacy.advantage.mean < 0.05);
assert.equal(sum('plain-js').privacy.advantage.mean, 1);
// Eight bytes a row, where a row in a ciphertext of lattices takes more.
assert.equal(sum('ashe').bytesAtRest, 8 * 10_000);
assert.ok(sum('opaline').bytesAtRest! > 8 * 10_000);

for (const { scheme: name, workload, ms, error, privacy } of measurements) {
  const best = Math.min(...ms)
    .toFixed(3)
    .padStart(9);
  const gain = privacy.advantage.mean.toFixed(2);
  console.log(
    `${workload.padEnd(28)} ${name.padEnd(9)} ${best} ms  error ${error}  advantage ${gain}`,
  );
}
