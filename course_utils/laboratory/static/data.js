// Points to train on, fresh points to judge by, and what the best possible classifier makes of them.
// Each class is a curve (for blobs a single point) with Gaussian noise around it, as in scikit-learn.

import { createRandom, normalPair } from "./random.js";

const CURVES = {
  blobs: [() => [0, 0], () => [0.5, 0.1]],
  circles: [1, 0.8].map((radius) => (t) => [radius * Math.cos(2 * Math.PI * t), radius * Math.sin(2 * Math.PI * t)]),
  moons: [
    (t) => [Math.cos(Math.PI * t), Math.sin(Math.PI * t)],
    (t) => [1 - Math.cos(Math.PI * t), 0.5 - Math.sin(Math.PI * t)],
  ],
};
export const GRID = 40; // a picture asks at so many points in each direction
const FRESH = 1024; // spread evenly over the distribution, they judge as well as many more random ones
const STEPS = 100; // of a curve, when its density is summed up
const GOLDEN = 0.6180339887498949, PLASTIC = 0.7548776662466927; // multiples of them, modulo 1, are spread evenly
const DRAW = 4; // the stream of the seed's random numbers that makes its points

/** Whether the best possible classifier is known: not for a reader's own points. */
export function isKnown(setting) {
  return setting.data in CURVES;
}

/** The points of one seed: {train, validation, fresh}, each {x, y} as Float32Arrays. */
export function drawData(setting, seed) {
  if (!isKnown(setting)) return splitOwn(parsePoints(setting.points).points);
  const random = createRandom(seed, DRAW);
  const train = drawPart(setting, setting.rows, random);
  const validation = drawPart(setting, Math.round(setting.rows / 3), random);
  return { train, validation, fresh: freshPart(setting) };
}

function drawPart({ data, noise }, rows, random) {
  const points = Array.from({ length: rows }, (_, row) => {
    const label = row % 2;
    const [dx, dy] = normalPair(random(), random());
    const [x1, x2] = CURVES[data][label](random());
    return [x1 + noise * dx, x2 + noise * dy, label];
  });
  return toArrays(points);
}

function freshPart({ data, noise }) {
  const points = Array.from({ length: FRESH }, (_, i) => {
    const label = i % 2, place = i >> 1;
    const [dx, dy] = normalPair((2 * place + 1) / FRESH, (place * GOLDEN) % 1);
    const [x1, x2] = CURVES[data][label]((place * PLASTIC) % 1);
    return [x1 + noise * dx, x2 + noise * dy, label];
  });
  return toArrays(points);
}

/** Own points: every third is kept back, the others train. */
function splitOwn(points) {
  const kept = toArrays(points.filter((_, i) => i % 3 === 2));
  return { train: toArrays(points.filter((_, i) => i % 3 !== 2)), validation: kept, fresh: kept };
}

function toArrays(points) {
  return {
    x: Float32Array.from(points.flatMap(([x1, x2]) => [x1, x2])),
    y: Float32Array.from(points, (point) => point[2]),
  };
}

/** Logit of class 1 at a point: its sign is the best possible decision. */
function bestLogit({ data, noise }) {
  const steps = data === "blobs" ? 1 : STEPS;
  const [zero, one] = CURVES[data].map((curve) =>
    Float64Array.from({ length: 2 * steps }, (_, i) => curve(((i >> 1) + 0.5) / steps)[i % 2]));
  return (x1, x2) => logDensity(one, x1, x2, noise) - logDensity(zero, x1, x2, noise);
}

/** Logarithm of the sum of Gaussians around `centers`, up to a constant. */
function logDensity(centers, x1, x2, noise) {
  let nearest = Infinity, sum = 0;
  const squared = (i) => (x1 - centers[i]) ** 2 + (x2 - centers[i + 1]) ** 2;
  for (let i = 0; i < centers.length; i += 2) nearest = Math.min(nearest, squared(i));
  for (let i = 0; i < centers.length; i += 2) sum += Math.exp((nearest - squared(i)) / (2 * noise * noise));
  return Math.log(sum) - nearest / (2 * noise * noise);
}

/** The loss in nats that no classifier goes below on fresh points: the Bayes loss. */
function bestLoss(setting) {
  const logit = bestLogit(setting);
  const { x, y } = freshPart(setting);
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    const z = logit(x[2 * i], x[2 * i + 1]) * (2 * y[i] - 1);
    sum += Math.max(-z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return sum / y.length;
}

/** The square that the picture shows: {left, bottom, size}. */
function frameOf(setting) {
  const { x } = isKnown(setting) ? freshPart(setting) : toArrays(parsePoints(setting.points).points);
  const ends = [0, 1].map((axis) => {
    const values = Array.from(x).filter((_, i) => i % 2 === axis).sort((a, b) => a - b);
    const skipped = isKnown(setting) ? Math.floor(values.length / 200) : 0; // a few far points would shrink the rest
    return values.length ? [values[skipped], values[values.length - 1 - skipped]] : [-1, 1];
  });
  const size = 1.1 * Math.max(0.2, ...ends.map(([low, high]) => high - low));
  const [left, bottom] = ends.map(([low, high]) => (low + high - size) / 2);
  return { left, bottom, size };
}

/** What is known before any training: the picture's frame, the best possible boundary and its loss. */
export function problemOf(setting) {
  const error = isKnown(setting) ? "" : parsePoints(setting.points).error;
  const frame = frameOf(setting);
  if (!isKnown(setting)) return { error, frame, floor: null, best: null };
  const logit = bestLogit(setting);
  const places = gridPoints(frame);
  const best = Array.from({ length: GRID * GRID }, (_, i) => logit(places[2 * i], places[2 * i + 1]));
  return { error, frame, floor: bestLoss(setting), best };
}

/** The middle points of the picture's GRID × GRID cells, row by row from the top: shape (GRID², 2). */
export function gridPoints({ left, bottom, size }) {
  const x = new Float32Array(2 * GRID * GRID);
  for (let row = 0, i = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      x[i++] = left + (size * (column + 0.5)) / GRID;
      x[i++] = bottom + size - (size * (row + 0.5)) / GRID;
    }
  }
  return x;
}

/** Read pasted points, a line each: x1, x2 and class 0 or 1. `error` names the first line that is wrong. */
export function parsePoints(text) {
  const points = [];
  const lines = text.split(/\r?\n/);
  for (let number = 1; number <= lines.length; number++) {
    const line = lines[number - 1].trim();
    if (!line) continue;
    const reason = whatIsWrong(line.split(/[\s,;]+/));
    if (reason) return { points, error: `Line ${number}, “${line.slice(0, 40)}”: ${reason}` };
    points.push(line.split(/[\s,;]+/).map(Number));
  }
  return { points, error: points.length > 0 ? tooFew(points) : "No points yet: paste some, or click on the picture." };
}

function whatIsWrong(entries) {
  if (entries.length !== 3) return `expected three numbers (x1, x2, class), got ${entries.length} entries.`;
  const bad = entries.find((entry) => !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(entry));
  if (bad !== undefined) return `“${bad.slice(0, 20)}” is not a number.`;
  if (entries.slice(0, 2).some((entry) => Math.abs(Number(entry)) > 100)) {
    return "numbers beyond ±100 train badly: scale the column first.";
  }
  return ["0", "1"].includes(entries[2]) ? "" : `the class must be 0 or 1, got ${entries[2]}.`;
}

function tooFew(points) {
  if (points.length > 2000) return `At most 2000 points, got ${points.length}.`;
  const ones = points.filter((point) => point[2] === 1).length;
  if (Math.min(ones, points.length - ones) >= 3) return "";
  return `Each class needs at least 3 points: class 0 has ${points.length - ones}, class 1 has ${ones}.`;
}
