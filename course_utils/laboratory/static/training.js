// Trains one network with one seed, an epoch at a time, as `model.fit` does.

import { createNetwork, backward, createPass, dataLoss, forward, initialize, penaltyOf, predict } from "./network.js";
import { createOptimizer } from "./optimizers.js";
import { limitNorms } from "./penalties.js";
import { createRandom, shuffle } from "./random.js";

// One seed serves several purposes; each has a stream of its own.
const START = 1, ORDER = 2, MASKS = 3;

/**
 * @param setting what settings.js describes; its strengths and rates may change between epochs.
 * @param data {train, validation, fresh}, each {x, y}: Float32Arrays of shape (rows, 2) and (rows).
 * @param given optional: `parameters` to start from, and `orders`, one order of the rows per epoch.
 */
export function createTraining(setting, data, seed, given = {}) {
  const network = createNetwork(Array(setting.depth).fill(setting.width), setting.activation);
  initialize(network, createRandom(seed, START));
  if (given.parameters) network.parameters.set(given.parameters);
  const rows = data.train.y.length;
  const batch = Math.min(setting.batch, rows);
  return {
    setting, data, network, batch, rows,
    pass: createPass(network, batch),
    x: new Float32Array(2 * batch),
    y: new Float32Array(batch),
    optimizerStep: createOptimizer(setting.optimizer, network.parameters.length),
    orders: given.orders,
    order: Int32Array.from({ length: rows }, (_, row) => row),
    orderRandom: createRandom(seed, ORDER),
    masks: createMasks(network, batch, createRandom(seed, MASKS)),
    epoch: 0,
    best: { loss: Infinity, epoch: 0, parameters: null },
    done: false,
    diverged: false,
  };
}

/** Train one epoch; at the end of all, or when early stopping says so, `training.done` is true. */
export function trainEpoch(training) {
  const { setting, orders, order, rows, batch } = training;
  if (orders) order.set(orders[training.epoch]);
  else shuffle(order, training.orderRandom);
  for (let start = 0; start < rows; start += batch) trainBatch(training, start, Math.min(start + batch, rows));
  training.epoch += 1;
  if (!Number.isFinite(training.network.parameters.reduce((sum, w) => sum + w, 0))) {
    training.done = training.diverged = true;
    return;
  }
  const stops = setting.patience > 0 && losesPatience(training);
  training.done = stops || training.epoch >= setting.epochs;
  if (training.done && training.best.parameters) training.network.parameters.set(training.best.parameters);
}

function trainBatch(training, start, end) {
  const { setting, network, pass, order, x, y, data } = training;
  const rows = end - start;
  for (let i = 0; i < rows; i++) {
    const row = order[start + i];
    x[2 * i] = data.train.x[2 * row];
    x[2 * i + 1] = data.train.x[2 * row + 1];
    y[i] = data.train.y[row];
  }
  const drop = setting.dropout > 0 ? (count, depth) => training.masks(setting.dropout, count, depth) : null;
  forward(network, pass, x, rows, drop);
  backward(network, pass, x, y, rows, penaltyOfSetting(setting));
  training.optimizerStep(network.parameters, network.gradient, setting);
  if (setting.maxNorm > 0) for (const layer of network.layers.slice(0, -1)) limitNorms(layer, setting.maxNorm);
}

export function penaltyOfSetting({ penalty, strength, rho }) {
  return { kind: penalty, strength: penalty === "none" ? 0 : strength, rho };
}

/** Dropout's scales: 0 for what is dropped, 1 / (1 − rate) for what survives. */
export function createMasks(network, rows, random) {
  const scales = network.layers.slice(0, -1).map(({ units }) => new Float32Array(rows * units));
  return (rate, count, depth) => {
    const survivor = 1 / (1 - rate);
    for (let i = 0; i < count; i++) scales[depth][i] = random() < rate ? 0 : survivor;
    return scales[depth];
  };
}

/** Keras' EarlyStopping with restore_best_weights, watching the data loss on the validation points. */
function losesPatience(training) {
  const { setting, network, data, best, epoch } = training;
  const loss = dataLoss(predict(network, data.validation.x), data.validation.y);
  if (loss < best.loss) {
    training.best = { loss, epoch, parameters: network.parameters.slice() };
    return false;
  }
  return epoch - best.epoch >= setting.patience;
}

/** The losses of the network as it is, in nats, without dropout; the penalty on its own. */
export function losses({ network, data, setting }) {
  return {
    train: dataLoss(predict(network, data.train.x), data.train.y),
    fresh: dataLoss(predict(network, data.fresh.x), data.fresh.y),
    penalty: penaltyOf(network, data.train.x, penaltyOfSetting(setting)),
  };
}
