/**
 * The canonical norm of a real polynomial: the largest |a(ζ)| over the primitive 2n-th roots of unity,
 * rounded up. Its values are the Fourier transform of a_k·ψ^k, ψ = e^(πi/n): radix 2, in place, so that
 * what is computed depends on the degree alone.
 *
 * @param coefficients n of them, n a power of two; they are overwritten
 */
export function canonicalNorm(coefficients: Float64Array): number {
  const n = coefficients.length;
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);
  const bits = Math.log2(n);
  for (let k = 0; k < n; k += 1) {
    let to = 0;
    for (let bit = 0; bit < bits; bit += 1) to = (to << 1) | ((k >>> bit) & 1);
    const angle = (Math.PI * k) / n;
    real[to] = coefficients[k]! * Math.cos(angle);
    imaginary[to] = coefficients[k]! * Math.sin(angle);
  }
  coefficients.fill(0);
  const [cosines, sines] = [new Float64Array(n / 2), new Float64Array(n / 2)];
  for (let k = 0; k < n / 2; k += 1) {
    cosines[k] = Math.cos((2 * Math.PI * k) / n);
    sines[k] = Math.sin((2 * Math.PI * k) / n);
  }
  for (let half = 1; half < n; half *= 2) {
    const step = n / (2 * half);
    for (let from = 0; from < n; from += 2 * half) {
      for (let k = 0; k < half; k += 1) {
        const [c, s] = [cosines[k * step]!, sines[k * step]!];
        const [at, other] = [from + k, from + k + half];
        const x = real[other]! * c - imaginary[other]! * s;
        const y = real[other]! * s + imaginary[other]! * c;
        real[other] = real[at]! - x;
        imaginary[other] = imaginary[at]! - y;
        real[at]! += x;
        imaginary[at]! += y;
      }
    }
  }
  let most = 0;
  for (let k = 0; k < n; k += 1) most = Math.max(most, real[k]! ** 2 + imaginary[k]! ** 2);
  real.fill(0);
  imaginary.fill(0);
  return Math.sqrt(most) * (1 + 2 ** -30);
}
