// Keras 3's optimizers with its defaults. Each is made for a number of parameters and returns its step:
// step(parameters, gradient, {learningRate, weightDecay}) changes the parameters in place.

const EPSILON = 1e-7;
const MOMENTUM = 0.9;

function sgd() {
  return (parameters, gradient, { learningRate }) => {
    for (let i = 0; i < parameters.length; i++) parameters[i] -= learningRate * gradient[i];
  };
}

function withMomentum(count, nesterov) {
  const velocity = new Float32Array(count);
  return (parameters, gradient, { learningRate }) => {
    for (let i = 0; i < count; i++) {
      velocity[i] = MOMENTUM * velocity[i] - learningRate * gradient[i];
      parameters[i] += nesterov ? MOMENTUM * velocity[i] - learningRate * gradient[i] : velocity[i];
    }
  };
}

function rmsprop(count) {
  const square = new Float32Array(count);
  return (parameters, gradient, { learningRate }) => {
    for (let i = 0; i < count; i++) {
      square[i] = 0.9 * square[i] + 0.1 * gradient[i] ** 2;
      parameters[i] -= (learningRate * gradient[i]) / Math.sqrt(square[i] + EPSILON);
    }
  };
}

function adam(count, decays) {
  const mean = new Float32Array(count), square = new Float32Array(count);
  let steps = 0;
  return (parameters, gradient, { learningRate, weightDecay }) => {
    steps += 1;
    const rate = (learningRate * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps);
    const kept = decays ? 1 - weightDecay * learningRate : 1; // AdamW decays biases, too
    for (let i = 0; i < count; i++) {
      mean[i] += 0.1 * (gradient[i] - mean[i]);
      square[i] += 0.001 * (gradient[i] * gradient[i] - square[i]);
      parameters[i] = kept * parameters[i] - (rate * mean[i]) / (Math.sqrt(square[i]) + EPSILON);
    }
  };
}

const OPTIMIZERS = {
  sgd,
  momentum: (count) => withMomentum(count, false),
  nesterov: (count) => withMomentum(count, true),
  rmsprop,
  adam: (count) => adam(count, false),
  adamw: (count) => adam(count, true),
};

export function createOptimizer(name, count) {
  return OPTIMIZERS[name](count);
}
