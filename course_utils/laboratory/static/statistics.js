// What seeds say together: means, 95 % intervals, and the book's rule for a verdict.

/** The smallest difference of the data loss that matters, in nats: the same in the whole book. */
export const MARGIN = 0.01;

// 97.5 % quantiles of Student's t for 1 to 31 degrees of freedom.
const T_QUANTILES = [
  12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814, 2.20099, 2.17881,
  2.16037, 2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596, 2.07961, 2.07387, 2.06866, 2.0639,
  2.05954, 2.05553, 2.05183, 2.04841, 2.04523, 2.04227, 2.03951,
];

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean and ends of its 95 % interval (Student's t); one value alone has no interval. */
export function interval(values) {
  const center = mean(values);
  if (values.length < 2) return { mean: center, low: -Infinity, high: Infinity, n: values.length };
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
  const half = T_QUANTILES[values.length - 2] * Math.sqrt(variance / values.length);
  return { mean: center, low: center - half, high: center + half, n: values.length };
}

/** Interval of a − b over the seeds that both have; null stands for a seed that was stopped. */
export function pairedDifference(a, b) {
  const pairs = a.map((value, seed) => [value, b[seed]]).filter((pair) => pair.every(Number.isFinite));
  return interval(pairs.map(([ours, theirs]) => ours - theirs));
}

/** "lower", "higher", "no difference" or "undecided", by the interval and the margin. */
export function judge({ low, high }) {
  if (-MARGIN <= low && high <= MARGIN) return "no difference";
  if (low <= 0 && 0 <= high) return "undecided";
  return high < 0 ? "lower" : "higher";
}
