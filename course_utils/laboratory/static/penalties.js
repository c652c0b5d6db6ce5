// What a penalty adds to the loss and to its slope. Weight penalties read all kernels, activity penalties the
// hidden layers' outputs ("after" the activation) or sums ("before" it). penalty = {kind, strength, rho}.

const BY_WEIGHT = {
  l1: { of: Math.abs, slope: Math.sign },
  l2: { of: (w) => w * w, slope: (w) => 2 * w },
  l3: { of: (w) => Math.abs(w * w * w), slope: (w) => 3 * w * Math.abs(w) },
};
const PLACES = { activity_after: "after", activity_before: "before", kl: "after" };
// Outside this range of means the divergence would become infinite: it is clipped, and has no slope.
const LOWEST_MEAN = 1e-6, HIGHEST_MEAN = 0.99999;

export function readsActivity({ kind }) {
  return kind in PLACES;
}

export function weightPenalty({ kind, strength }, kernel) {
  if (!BY_WEIGHT[kind]) return 0;
  let sum = 0;
  for (let i = 0; i < kernel.length; i++) sum += BY_WEIGHT[kind].of(kernel[i]);
  return strength * sum;
}

export function addWeightSlope({ kind, strength }, kernel, gradient) {
  if (!BY_WEIGHT[kind]) return;
  const { slope } = BY_WEIGHT[kind];
  for (let i = 0; i < kernel.length; i++) gradient[i] += strength * slope(kernel[i]);
}

/** The penalty on the values of one hidden layer, shape (rows, units): per row, as in Keras 3.14 and newer. */
export function activityPenalty(penalty, place, values, rows, units) {
  if (PLACES[penalty.kind] !== place) return 0;
  const { kind, strength, rho } = penalty;
  let sum = 0;
  if (kind === "kl") {
    for (const found of unitMeans(values, rows, units)) {
      const mean = Math.min(Math.max(found, LOWEST_MEAN), HIGHEST_MEAN);
      sum += rho * Math.log(rho / mean) + (1 - rho) * Math.log((1 - rho) / (1 - mean));
    }
    return strength * sum;
  }
  for (let i = 0; i < rows * units; i++) sum += Math.abs(values[i]);
  return (strength * sum) / rows;
}

export function addActivitySlope(penalty, place, values, rows, units, slopes) {
  if (PLACES[penalty.kind] !== place) return;
  const { kind, rho } = penalty;
  const each = penalty.strength / rows;
  if (kind !== "kl") {
    for (let i = 0; i < rows * units; i++) slopes[i] += each * Math.sign(values[i]);
    return;
  }
  const pull = unitMeans(values, rows, units).map((mean) =>
    mean < LOWEST_MEAN || mean > HIGHEST_MEAN ? 0 : each * ((1 - rho) / (1 - mean) - rho / mean)
  );
  for (let row = 0, i = 0; row < rows; row++) for (let j = 0; j < units; j++, i++) slopes[i] += pull[j];
}

function unitMeans(values, rows, units) {
  const means = new Float32Array(units);
  for (let row = 0, i = 0; row < rows; row++) for (let j = 0; j < units; j++, i++) means[j] += values[i];
  return means.map((sum) => sum / rows);
}

/** Shorten the weights into each unit to a norm of at most `limit`, as Keras' MaxNorm does after each step. */
export function limitNorms({ kernel, inputs, units }, limit) {
  for (let j = 0; j < units; j++) {
    let square = 0;
    for (let i = 0; i < inputs; i++) square += kernel[i * units + j] ** 2;
    const norm = Math.sqrt(square);
    const factor = Math.min(norm, limit) / (1e-7 + norm);
    for (let i = 0; i < inputs; i++) kernel[i * units + j] *= factor;
  }
}
