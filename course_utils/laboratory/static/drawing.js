// Puts the pictures of a laboratory's state into their places on the page, with captions in words.

import { drawData } from "./data.js";
import { contour, curves, histogram, paintField, pointMarks, shortNumber } from "./pictures.js";
import { mean } from "./statistics.js";

/** Decision of the shown seed; thin lines for the other seeds; dashed, the best possible boundary. */
export function drawBoundary(figure, { current, problem, shown }) {
  const insight = current.reports.get(shown)?.insight;
  const others = [...current.reports].filter(([seed, { done, insight: found }]) => seed !== shown && done && found);
  const lines = others.map(([, { insight: { field } }]) => `<path class="lab-thin" d="${contour(field, 0.5)}"/>`);
  if (insight) {
    paintField(figure.querySelector("canvas"), insight.field);
    lines.push(`<path class="lab-mean" d="${contour(insight.field, 0.5)}"/>`);
  }
  if (problem.best) lines.push(`<path class="lab-best" d="${(problem.line ??= contour(problem.best, 0))}"/>`);
  figure.querySelector(".lab-key-best").hidden = !problem.best;
  figure.querySelector(".lab-lines").innerHTML = lines.join("");
  const key = `${problem.key} ${current.setting.rows} ${shown}`;
  const points = figure.querySelector(".lab-points");
  if (points.dataset.key === key || problem.error) return;
  points.dataset.key = key;
  points.innerHTML = pointMarks(drawData(current.setting, shown).train, problem.frame);
}

/** Data loss on training and fresh points; the penalty apart, below. */
export function drawCurves(figure, { current, rival, problem }) {
  const { epochs } = current.setting;
  const series = [
    ...(rival ? [{ className: "lab-rival-line", lines: [], mean: meanLine(rival, "fresh") }] : []),
    ...["train", "fresh"].map((name) => seriesOf(current, name, `lab-${name}`)),
  ];
  const seen = series.flatMap(({ lines, mean: line }) => [...lines, line]).flat().map(([, value]) => value);
  const highest = Math.min(1.6, Math.max(0.8, ...seen));
  const span = Math.max(epochs, rival?.setting.epochs ?? 0);
  const levels = problem.floor === null ? [] : [{ className: "lab-floor", value: problem.floor }];
  const penalties = [
    ...(rival ? [{ className: "lab-rival-line", lines: [], mean: meanLine(rival, "penalty") }] : []),
    seriesOf(current, "penalty", "lab-penalty-line"),
  ];
  const most = Math.max(0, ...penalties.flatMap(({ lines, mean: line }) => [...lines, line]).flat().map(([, v]) => v));
  const parts = { series, levels, epochs: span, highest, height: most > 0 ? 230 : 320, unit: "nats" };
  figure.querySelector(".lab-losses").innerHTML = curves(parts);
  const panel = figure.querySelector(".lab-penalty");
  panel.hidden = most === 0;
  if (most > 0) panel.querySelector("div").innerHTML = curves({ series: penalties, epochs: span, highest: most, height: 96, unit: "nats" });
  figure.querySelector(".lab-key-rival").hidden = !rival;
  figure.querySelector(".lab-key-floor").hidden = problem.floor === null;
}

function seriesOf(trial, name, className) {
  return { className, lines: linesOf(trial, name), mean: meanLine(trial, name) };
}

function linesOf({ reports }, name) {
  return [...reports.values()].map(({ records }) => records.map((record) => [record.epoch, record[name]]));
}

/** The mean over the seeds as far as all have come; a seed that is done stays where it ended. */
function meanLine({ reports }, name) {
  const seeds = [...reports.values()].filter(({ diverged }) => !diverged);
  if (seeds.length === 0) return [];
  const steps = (those) => those.map(({ records }) => records.length);
  const running = seeds.filter(({ done }) => !done);
  const reached = running.length > 0 ? Math.min(...steps(running)) : Math.max(...steps(seeds));
  const longest = seeds.reduce((a, b) => (a.records.length >= b.records.length ? a : b));
  return longest.records.slice(0, reached).map(({ epoch }, i) => [
    epoch, mean(seeds.map(({ records }) => records[Math.min(i, records.length - 1)][name])),
  ]);
}

/** Histograms of the shown seed, and what is to be seen in them, counted. */
export function drawHistograms(figure, { current, shown }) {
  const insight = current.reports.get(shown)?.insight;
  if (!insight) return;
  const { weights, activations } = insight;
  const [weightPart, activationPart] = figure.querySelectorAll(".lab-histogram");
  weightPart.querySelector("div").innerHTML = histogram(weights, "lab-bar");
  weightPart.querySelector("p").textContent =
    `${weights.count} weights: ${weights.zeros} exactly zero, root mean square ${shortNumber(weights.size)}.`;
  activationPart.querySelector("div").innerHTML = histogram(activations, "lab-bar");
  const share = Math.round((100 * activations.zeros) / activations.count);
  const [lowest, highest] = activations.meanRange.map(shortNumber);
  activationPart.querySelector("p").textContent =
    `${share} % exactly zero, not drawn; ${activations.dead} of ${activations.units} units dead. ` +
    `Mean of a unit: ${shortNumber(activations.mean)} (${lowest} to ${highest}).`;
}
