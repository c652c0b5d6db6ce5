// The trainer behind a message port: in a Web Worker, or in the page itself where workers are forbidden.

import { drawData } from "./data.js";
import { lookInto } from "./insight.js";
import { createTraining, losses, trainEpoch } from "./training.js";

const SLICE = 20; // milliseconds of training between two looks at the messages
const RECORDS = 40; // points of a curve
const LIVE_PICTURES = 80; // milliseconds between two pictures of the network that is shown

/**
 * Messages in: {job, setting, seed, frame, shown} starts a training; {live} changes strengths and rates;
 * {shown} says whether to send pictures; {stop: true} ends it. Out: {job, seed, record, insight, done, ...}.
 */
export function serve(port) {
  let current = null;
  const soon = afterMessages(() => continueTraining());
  port.onmessage = ({ data: message }) => {
    if (message.stop) current = null;
    if ("shown" in message && current) current.shown = message.shown;
    if (message.live && current) Object.assign(current.training.setting, message.live);
    if (message.setting) {
      const { setting, seed } = message;
      current = { ...message, training: createTraining({ ...setting }, drawData(setting, seed), seed), pictured: 0 };
      report(port, current);
      soon();
    }
  };

  function continueTraining() {
    if (!current) return;
    const { training } = current;
    const every = Math.ceil(training.setting.epochs / RECORDS);
    const end = performance.now() + SLICE;
    while (!training.done && performance.now() < end) {
      trainEpoch(training);
      if (!training.done && training.epoch % every === 0) report(port, current);
    }
    if (!training.done) return soon();
    report(port, current);
    current = null;
  }
}

function report(port, current) {
  const { job, seed, training, frame } = current;
  const { epoch, done, diverged, best, network } = training;
  const now = performance.now();
  const pictured = !diverged && (done || (current.shown && now - current.pictured > LIVE_PICTURES));
  if (pictured) current.pictured = now;
  port.postMessage({
    job, seed, done, diverged, epoch,
    kept: best.parameters ? best.epoch : epoch,
    record: diverged ? null : { epoch, ...losses(training) },
    insight: pictured ? lookInto(network, training.data, frame) : null,
  });
}

/** Return a function that calls `work` once messages that wait have been read; timers would wait 4 ms. */
function afterMessages(work) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = work;
  return () => port2.postMessage(null);
}
