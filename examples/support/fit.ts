/**
 * Logistic regression in plain, by Newton's method: weights w that make 1/(1 + e^-w·x) of each row's x most likely to have
 * given the outcomes. A row's x begins with 1 where there is to be an intercept.
 */
export function fitLogistic(
  x: readonly (readonly number[])[],
  outcomes: readonly boolean[],
): number[] {
  const size = x[0]!.length;
  let weights: number[] = Array.from({ length: size }, () => 0);
  for (let round = 0; round < 25; round++) {
    // Σ p(1 − p)·xxᵀ, and beside it the gradient Σ (outcome − p)·x.
    const system = Array.from({ length: size }, () => Array.from({ length: size + 1 }, () => 0));
    x.forEach((row, i) => {
      const p = 1 / (1 + Math.exp(-row.reduce((z, value, j) => z + value * weights[j]!, 0)));
      for (let j = 0; j < size; j++) {
        for (let k = 0; k < size; k++) system[j]![k]! += p * (1 - p) * row[j]! * row[k]!;
        system[j]![size]! += ((outcomes[i] ? 1 : 0) - p) * row[j]!;
      }
    });
    const step = solve(system);
    weights = weights.map((weight, j) => weight + step[j]!);
    if (step.every((one) => Math.abs(one) < 1e-9)) break;
  }
  return weights;
}

/** Gauss and Jordan with pivots; each line carries its right-hand side. */
export function solve(lines: readonly number[][]): number[] {
  const system = [...lines];
  const size = system.length;
  for (let i = 0; i < size; i++) {
    const pivot = system.slice(i).reduce((a, b) => (Math.abs(b[i]!) > Math.abs(a[i]!) ? b : a));
    system[system.indexOf(pivot)] = system[i]!;
    system[i] = pivot;
    for (const line of system) {
      if (line === pivot) continue;
      const factor = line[i]! / pivot[i]!;
      for (let j = i; j <= size; j++) line[j]! -= factor * pivot[j]!;
    }
  }
  return system.map((line, i) => line[size]! / line[i]!);
}
