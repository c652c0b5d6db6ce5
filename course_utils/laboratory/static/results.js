// What has been measured, as numbers and in words.

import { interval, judge, mean, MARGIN, pairedDifference } from "./statistics.js";
import { changes } from "./settings.js";
import { intervalBar } from "./pictures.js";

// The claim under test is "the setting lowers the loss on fresh points, compared with its rival".
const VERDICTS = {
  lower: ["supported", "✓", "The setting lowers the loss on fresh points."],
  higher: ["not supported", "✗", "The setting raises the loss on fresh points."],
  "no difference": ["no difference", "=", "Whatever difference there is, it is too small to matter."],
  undecided: ["undecided", "?", "These seeds do not decide it; more may."],
};

/** Numbers of a finished trial: one entry per seed, null where a seed was stopped because it diverged. */
export function summarize(trial) {
  const reports = [...trial.reports.entries()].sort(([a], [b]) => a - b);
  const each = (read) => reports.map(([, report]) => (report.diverged ? null : read(report)));
  const last = (name) => each(({ records }) => records[records.length - 1][name]);
  return {
    seeds: reports.map(([seed]) => seed),
    fresh: last("fresh"),
    train: last("train"),
    penalty: last("penalty"),
    epochs: each(({ kept }) => kept),
    stopped: reports.filter(([, { diverged }]) => diverged).map(([seed, { epoch }]) => ({ seed, epoch })),
    weights: each(({ insight }) => insight.weights.size),
    weightZeros: each(({ insight }) => insight.weights.zeros / insight.weights.count),
    zeros: each(({ insight }) => insight.activations.zeros / insight.activations.count),
    dead: each(({ insight }) => insight.activations.dead),
    activity: each(({ insight }) => insight.activations.mean),
  };
}

/** Everything the page says at the end, for other programs: {setting, result, rival, difference, verdict}. */
export function resultOf(current, rival) {
  const result = { setting: current.setting, ...summarize(current) };
  if (!rival) return { ...result, rival: null };
  const theirs = { setting: rival.setting, ...summarize(rival) };
  const difference = pairedDifference(result.fresh, theirs.fresh);
  const verdict = difference.n > 1 ? VERDICTS[judge(difference)][0] : null;
  return { ...result, rival: theirs, difference, verdict, margin: MARGIN };
}

/** The result as HTML; all of it is made from numbers and from the table of fields. */
export function wordsOf(result, floor, keras) {
  return [...stoppedWords(result), ...lossWords(result, floor), ...kerasWords(keras)].join("");
}

function stoppedWords({ stopped, seeds }) {
  if (stopped.length === 0) return [];
  const names = stopped.map(({ seed, epoch }) => `${seed} (epoch ${epoch})`).join(", ");
  const all = stopped.length === seeds.length ? "No seed is left: try a smaller learning rate." : "The others go on without it.";
  return [`<p><strong>Not a number:</strong> stopped seed ${names}. ${all}</p>`];
}

function lossWords(result, floor) {
  const found = numbersOf(result.fresh);
  if (found.length === 0) return [];
  const best = floor === null ? "" : `; best possible ${floor.toFixed(3)}`;
  const alone = `<p>Data loss on fresh points: <strong>${withInterval(interval(found))}</strong>${best}.
    On training points: ${mean(numbersOf(result.train)).toFixed(3)}.</p>`;
  if (!result.rival) return [alone];
  if (!result.verdict) return [alone, "<p>One pair has no interval: take 8 seeds or more.</p>"];
  return [verdictWords(result), insideWords(result)];
}

function verdictWords({ setting, rival, fresh, difference, verdict }) {
  const changed = changes(rival.setting, setting);
  if (changed.length === 0) return "<p>The setting is its rival: change one thing, and the difference is judged.</p>";
  const what = changed.map(([label, before, after]) => `${label}: ${before} → ${after}`).join("; ");
  const [, shape, sentence] = Object.values(VERDICTS).find(([word]) => word === verdict);
  const both = fresh.map((value, i) => [rival.fresh[i], value]).filter((pair) => pair.every(Number.isFinite));
  const [before, after] = [0, 1].map((i) => mean(both.map((pair) => pair[i])).toFixed(3));
  const few = difference.n < 32 ? "; the book asks for 32" : "";
  return `<p><span class="lab-badge" data-verdict="${verdict}"><span aria-hidden="true">${shape}</span> ${verdict}</span>
    ${sentence} <strong>${before} → ${after} nats, ${signedInterval(difference)}</strong>, ${difference.n} pairs${few}.</p>
    ${intervalBar([difference], MARGIN)}
    <p class="lab-note">Changed against the rival: ${what}.</p>`;
}

/** How weights and activations differ from the rival's: what the penalty has done, apart from the loss. */
function insideWords(result) {
  const { rival } = result;
  const rows = [
    ["weights, root mean square", "weights", (v) => v.toFixed(3)],
    ["outputs that are exactly zero", "zeros", (v) => `${Math.round(100 * v)} %`],
    ["dead units", "dead", (v) => v.toFixed(1)],
    ["mean output", "activity", (v) => v.toFixed(3)],
  ].map(([label, name, write]) => {
    const [before, after] = [rival, result].map((trial) => numbersOf(trial[name]));
    return before.length && after.length ? `${label} ${write(mean(before))} → ${write(mean(after))}` : "";
  });
  return `<p class="lab-note">Inside: ${rows.filter(Boolean).join("; ")}.</p>`;
}

function kerasWords(keras) {
  if (!keras || Object.keys(keras).length === 0) return [];
  if (keras.message) return [`<p>${escaped(keras.message)}</p>`];
  const lines = [`<p>Keras, ${keras.seeds} seeds: data loss on fresh points <strong>${withInterval(keras)}</strong>.`];
  if (keras.difference) lines.push(` Against the rival: <strong>${signedInterval(keras.difference)}</strong>, ${keras.verdict}.`);
  return [`${lines.join("")}</p>`];
}

function escaped(text) {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function numbersOf(values) {
  return values.filter(Number.isFinite);
}

function withInterval({ mean: middle, low, high }) {
  const range = Number.isFinite(low) ? ` [${low.toFixed(3)}, ${high.toFixed(3)}]` : "";
  return `${middle.toFixed(3)} nats${range}`;
}

function signedInterval({ mean: middle, low, high }) {
  const signed = (value) => (value > 0 ? "+" : "") + value.toFixed(3).replace("-", "−");
  return `${signed(middle)} [${signed(low)}, ${signed(high)}]`;
}
