// The trainer behind a message port: in a Web Worker, or in the page itself where workers are forbidden.

import { drawData } from "./data.js";
import { lookInto } from "./insight.js";
import { createTraining, losses, trainEpoch } from "./training.js";

const SLICE = 20; // milliseconds of training between two looks at the messages
const RECORDS = 40; // points of a curve
const LIVE_PICTURES = 80; // milliseconds between two pictures of the network that is shown

/**
 * Messages in: {job, setting, seed, frame} starts a training beside those that run; {live, jobs} changes strengths
 * and rates of some; {shown} names the job that sends pictures; {stop: true} ends all.
 * Out: {job, seed, record, insight, done, ...}.
 */
export function serve(port) {
  const running = new Map(); // by job; they take turns
  let shown = null;
  const soon = afterMessages(trainSlice);
  port.onmessage = ({ data: message }) => {
    if (message.stop) running.clear();
    if ("shown" in message) shown = message.shown;
    for (const job of message.jobs ?? []) Object.assign(running.get(job)?.training.setting ?? {}, message.live);
    if (message.setting) start(message);
  };

  function start({ job, setting, seed, frame }) {
    const training = createTraining({ ...setting }, drawData(setting, seed), seed);
    const one = { job, seed, frame, training, pictured: 0 };
    running.set(job, one);
    report(port, one, job === shown);
    soon();
  }

  function trainSlice() {
    const [one] = running.values();
    if (!one) return;
    const { job, training } = one;
    running.delete(job);
    const every = Math.ceil(training.setting.epochs / RECORDS);
    const end = performance.now() + SLICE;
    while (!training.done && performance.now() < end) {
      trainEpoch(training);
      if (training.done || training.epoch % every === 0) report(port, one, job === shown);
    }
    if (!training.done) running.set(job, one); // behind the others
    if (running.size > 0) soon();
  }
}

function report(port, one, shown) {
  const { job, seed, training, frame } = one;
  const { epoch, done, diverged, best, network } = training;
  const now = performance.now();
  const pictured = !diverged && (done || (shown && now - one.pictured > LIVE_PICTURES));
  if (pictured) one.pictured = now;
  port.postMessage({
    job, seed, done, diverged, epoch,
    kept: best.parameters ? best.epoch : epoch,
    record: diverged ? null : { epoch, ...losses(training) },
    insight: pictured ? lookInto(network, training.data, frame) : null,
  });
}

/** Return a function that calls `work`, once, when messages that wait have been read; timers would wait 4 ms. */
function afterMessages(work) {
  const { port1, port2 } = new MessageChannel();
  let waits = false;
  port1.onmessage = () => {
    waits = false;
    work();
  };
  return () => {
    if (!waits) port2.postMessage(null);
    waits = true;
  };
}
