// What the pictures show of one trained network: its decision, its weights and its activations.

import { gridPoints } from "./data.js";
import { predict, sigmoid } from "./network.js";

const BINS = 31;

export function lookInto(network, data, frame) {
  return {
    field: fieldOf(network, frame),
    weights: weightsOf(network),
    activations: activationsOf(network, data.train.x),
  };
}

function fieldOf(network, frame) {
  return predict(network, gridPoints(frame)).map(sigmoid);
}

/** Histogram of all kernels' weights, with exact zeros counted and the root mean square. */
function weightsOf({ layers }) {
  const all = layers.flatMap(({ kernel }) => Array.from(kernel));
  const limit = roundUp(all.reduce((most, w) => Math.max(most, Math.abs(w)), 0));
  const square = all.reduce((sum, w) => sum + w * w, 0);
  return {
    ...histogram(all.filter((w) => w !== 0), -limit, limit),
    count: all.length,
    zeros: all.filter((w) => w === 0).length,
    size: Math.sqrt(square / all.length),
  };
}

/** Histogram of what the hidden units put out on the points `x`, with exact zeros and dead units counted. */
function activationsOf(network, x) {
  const rows = x.length / 2;
  const values = [], sums = network.layers.slice(0, -1).map(({ units }) => new Float64Array(units));
  const alive = sums.map(({ length }) => new Uint8Array(length));
  predict(network, x, (pass, block) => {
    sums.forEach((sum, depth) => {
      const { outputs } = pass[depth];
      for (let i = 0; i < block * sum.length; i++) {
        values.push(outputs[i]);
        sum[i % sum.length] += outputs[i];
        if (outputs[i] !== 0) alive[depth][i % sum.length] = 1;
      }
    });
  });
  const live = alive.flatMap((layer) => Array.from(layer));
  const means = sums.flatMap((sum) => Array.from(sum, (total) => total / rows)).sort((a, b) => a - b);
  const lowest = values.reduce((a, b) => Math.min(a, b), 0), highest = values.reduce((a, b) => Math.max(a, b), 0);
  return {
    ...histogram(values.filter((a) => a !== 0), lowest < 0 ? -1 : 0, roundUp(highest)),
    count: values.length,
    zeros: values.filter((a) => a === 0).length,
    units: live.length,
    dead: live.filter((one) => !one).length,
    mean: means.reduce((sum, a) => sum + a, 0) / means.length,
    meanRange: [means[0], means[means.length - 1]],
  };
}

function histogram(values, low, high) {
  const counts = new Array(BINS).fill(0);
  for (const value of values) {
    const bin = Math.floor((BINS * (value - low)) / (high - low));
    counts[Math.min(Math.max(bin, 0), BINS - 1)] += 1;
  }
  return { counts, low, high };
}

/** The next of 0.1, 0.2, 0.5, 1, 2, 5, ...: the ends of an axis rest while the weights move. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 0.1)));
  return power * [1, 2, 5, 10].find((step) => value <= step * power * 1.000001);
}
