// A chain of dense layers in float32: what it predicts, its loss, and the slope of the loss by backpropagation.

import { activityPenalty, addActivitySlope, addWeightSlope, readsActivity, weightPenalty } from "./penalties.js";

const ACTIVATIONS = {
  relu: { of: (z) => (z > 0 ? z : 0), slope: (a) => (a > 0 ? 1 : 0) },
  tanh: { of: Math.tanh, slope: (a) => 1 - a * a },
  sigmoid: { of: (z) => 1 / (1 + Math.exp(-z)), slope: (a) => a * (1 - a) },
};
const ROWS_AT_ONCE = 256; // of an evaluation: what a pass holds stays in the processor's cache

/**
 * Make a network from two inputs over hidden layers to one logit, all weights zero.
 * `parameters` and `gradient` hold all numbers in Keras' order; the layers' arrays are views of them.
 */
export function createNetwork(hidden, activation) {
  const sizes = [2, ...hidden, 1];
  const count = sizes.slice(1).reduce((sum, units, i) => sum + (sizes[i] + 1) * units, 0);
  const parameters = new Float32Array(count), gradient = new Float32Array(count);
  let place = 0;
  const take = (length) => {
    const views = [parameters, gradient].map((all) => all.subarray(place, place + length));
    place += length;
    return views;
  };
  const layers = sizes.slice(1).map((units, i) => {
    const [kernel, kernelGradient] = take(sizes[i] * units);
    const [bias, biasGradient] = take(units);
    return { inputs: sizes[i], units, kernel, kernelGradient, bias, biasGradient };
  });
  return { activation, layers, parameters, gradient };
}

/** Draw kernels as Keras does by default (Glorot uniform) and set biases to zero. */
export function initialize(network, random) {
  for (const { inputs, units, kernel, bias } of network.layers) {
    const limit = Math.sqrt(6 / (inputs + units));
    for (let i = 0; i < kernel.length; i++) kernel[i] = limit * (2 * random() - 1);
    bias.fill(0);
  }
}

/** Room for what the layers put out for up to `rows` rows: sums z, outputs a, what is handed on, slopes. */
export function createPass(network, rows) {
  return network.layers.map(({ units }) => ({
    sums: new Float32Array(rows * units),
    outputs: new Float32Array(rows * units),
    handed: new Float32Array(rows * units), // the outputs after dropout
    scales: null, // of dropout: 0 or 1 / (1 − rate) for each output; null without dropout
    slopes: new Float32Array(rows * units),
  }));
}

/** Fill `pass` from inputs `x`, shape (rows, 2). `drop` may fill a hidden layer's dropout scales. */
export function forward(network, pass, x, rows, drop = null) {
  const { of } = ACTIVATIONS[network.activation];
  let input = x;
  network.layers.forEach((layer, depth) => {
    const { inputs, units, kernel, bias } = layer;
    const { sums, outputs, handed } = pass[depth];
    multiply(sums, input, inputs, 1, kernel, units, 1, rows, units, inputs);
    for (let row = 0, i = 0; row < rows; row++) for (let j = 0; j < units; j++, i++) sums[i] += bias[j];
    if (depth === network.layers.length - 1) return; // the last layer's sums are the logits
    for (let i = 0; i < rows * units; i++) outputs[i] = of(sums[i]);
    const scales = (pass[depth].scales = drop && drop(rows * units, depth));
    if (scales) for (let i = 0; i < rows * units; i++) handed[i] = outputs[i] * scales[i];
    input = scales ? handed : outputs;
  });
  return pass[pass.length - 1].sums;
}

/** Fill the gradient of data loss + penalty, after `forward` on the same rows; `y` holds 0 and 1. */
export function backward(network, pass, x, y, rows, penalty) {
  const { slope } = ACTIVATIONS[network.activation];
  const last = network.layers.length - 1;
  for (let i = 0; i < rows; i++) pass[last].slopes[i] = (sigmoid(pass[last].sums[i]) - y[i]) / rows;
  for (let depth = last; depth >= 0; depth--) {
    const { inputs, units, kernel, kernelGradient, biasGradient } = network.layers[depth];
    const { slopes } = pass[depth];
    const below = pass[depth - 1];
    const input = !below ? x : below.scales ? below.handed : below.outputs;
    multiply(kernelGradient, input, 1, inputs, slopes, units, 1, inputs, units, rows);
    addWeightSlope(penalty, kernel, kernelGradient);
    biasGradient.fill(0);
    for (let row = 0, i = 0; row < rows; row++) for (let j = 0; j < units; j++, i++) biasGradient[j] += slopes[i];
    if (!below) return;
    multiply(below.slopes, slopes, units, 1, kernel, 1, units, rows, inputs, units);
    const count = rows * inputs;
    if (below.scales) for (let i = 0; i < count; i++) below.slopes[i] *= below.scales[i];
    addActivitySlope(penalty, "after", below.outputs, rows, inputs, below.slopes);
    for (let i = 0; i < count; i++) below.slopes[i] *= slope(below.outputs[i]);
    addActivitySlope(penalty, "before", below.sums, rows, inputs, below.slopes);
  }
}

/** Return the logits of all rows of `x`; `look(pass, rows)` may read each block's layers. */
export function predict(network, x, look = null) {
  const rows = x.length / 2;
  const pass = createPass(network, Math.min(rows, ROWS_AT_ONCE));
  const logits = new Float32Array(rows);
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    const block = Math.min(ROWS_AT_ONCE, rows - start);
    const found = forward(network, pass, x.subarray(2 * start, 2 * (start + block)), block);
    logits.set(found.subarray(0, block), start);
    if (look) look(pass, block);
  }
  return logits;
}

/** Mean cross-entropy in nats, computed from the logits as Keras does. */
export function dataLoss(logits, y) {
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    const z = logits[i];
    sum += Math.max(z, 0) - z * y[i] + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return sum / y.length;
}

/** What the penalty adds to the loss, with all rows of `x` as one batch. */
export function penaltyOf(network, x, penalty) {
  let sum = 0;
  for (const { kernel } of network.layers) sum += weightPenalty(penalty, kernel);
  if (!readsActivity(penalty)) return sum;
  const rows = x.length / 2;
  const pass = createPass(network, rows);
  forward(network, pass, x, rows);
  network.layers.slice(0, -1).forEach(({ units }, depth) => {
    sum += activityPenalty(penalty, "after", pass[depth].outputs, rows, units);
    sum += activityPenalty(penalty, "before", pass[depth].sums, rows, units);
  });
  return sum;
}

export function sigmoid(z) {
  return 1 / (1 + Math.exp(-z));
}

/**
 * target[m, n] = Σₖ a[m, k] b[k, n], for matrices laid out by their steps from one entry to the next.
 * Two rows and four columns at a time: each number that is read serves several products.
 */
function multiply(target, a, aRow, aStep, b, bStep, bColumn, rows, columns, depth) {
  const evenRows = rows - (rows % 2), evenColumns = columns - (columns % 4);
  for (let m = 0; m < evenRows; m += 2) {
    for (let n = 0; n < evenColumns; n += 4) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
      let i = m * aRow, j = n * bColumn;
      for (let k = 0; k < depth; k++, i += aStep, j += bStep) {
        const upper = a[i], lower = a[i + aRow];
        const b0 = b[j], b1 = b[j + bColumn], b2 = b[j + 2 * bColumn], b3 = b[j + 3 * bColumn];
        s0 += upper * b0; s1 += upper * b1; s2 += upper * b2; s3 += upper * b3;
        t0 += lower * b0; t1 += lower * b1; t2 += lower * b2; t3 += lower * b3;
      }
      const at = m * columns + n, below = at + columns;
      target[at] = s0; target[at + 1] = s1; target[at + 2] = s2; target[at + 3] = s3;
      target[below] = t0; target[below + 1] = t1; target[below + 2] = t2; target[below + 3] = t3;
    }
    multiplyRest(target, a, aRow, aStep, b, bStep, bColumn, m, m + 2, evenColumns, columns, depth);
  }
  multiplyRest(target, a, aRow, aStep, b, bStep, bColumn, evenRows, rows, 0, columns, depth);
}

function multiplyRest(target, a, aRow, aStep, b, bStep, bColumn, firstRow, endRow, firstColumn, columns, depth) {
  for (let m = firstRow; m < endRow; m++) {
    for (let n = firstColumn; n < columns; n++) {
      let sum = 0;
      for (let k = 0, i = m * aRow, j = n * bColumn; k < depth; k++, i += aStep, j += bStep) sum += a[i] * b[j];
      target[m * columns + n] = sum;
    }
  }
}
