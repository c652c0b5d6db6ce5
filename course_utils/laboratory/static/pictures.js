// Pictures as SVG text, and the field of a decision on a canvas. No library: lines, bars and a contour.

import { GRID } from "./data.js";

const CLASS_COLORS = [[0, 114, 178], [213, 94, 0]]; // Okabe and Ito's blue and vermilion, as in the book
const WIDTH = 400;
const LEFT = 40, RIGHT = 12, TOP = 8, BOTTOM = 22;

/** Paint the probability of class 1: the surer the network, the stronger the colour. */
export function paintField(canvas, field) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(GRID, GRID);
  field.forEach((p, i) => image.data.set([...CLASS_COLORS[p > 0.5 ? 1 : 0], Math.abs(2 * p - 1) * 150], 4 * i));
  canvas.width = canvas.height = GRID;
  context.putImageData(image, 0, 0);
}

/** The line where `values` on the GRID × GRID cells cross `level`, as an SVG path in a square of side 100. */
export function contour(values, level) {
  const at = (row, column) => values[row * GRID + column] - level;
  const parts = [];
  for (let row = 0; row + 1 < GRID; row++) {
    for (let column = 0; column + 1 < GRID; column++) {
      const corners = [[row, column], [row, column + 1], [row + 1, column + 1], [row + 1, column]];
      const crossings = [];
      corners.forEach(([r, c], i) => {
        const [r2, c2] = corners[(i + 1) % 4];
        const a = at(r, c), b = at(r2, c2);
        if (a < 0 === b < 0) return;
        const share = a / (a - b);
        crossings.push([c + share * (c2 - c), r + share * (r2 - r)].map((v) => (((v + 0.5) * 100) / GRID).toFixed(2)));
      });
      for (let i = 0; i + 1 < crossings.length; i += 2) parts.push(`M${crossings[i]}L${crossings[i + 1]}`);
    }
  }
  return parts.join("");
}

/** Points as discs (class 0) and triangles (class 1), in a square of side 100. */
export function pointMarks({ x, y }, { left, bottom, size }) {
  return Array.from(y, (label, i) => {
    const across = (100 * (x[2 * i] - left)) / size, down = 100 - (100 * (x[2 * i + 1] - bottom)) / size;
    const place = [across, down].map((v) => v.toFixed(1));
    return label
      ? `<path class="lab-one" d="M${place}m0-1.5l1.4 2.4h-2.8z"/>`
      : `<circle class="lab-zero" cx="${place[0]}" cy="${place[1]}" r="1.2"/>`;
  }).join("");
}

/**
 * Lines over epochs. Each series is {className, lines, mean}: thin lines of single seeds and their thick mean,
 * all arrays of [epoch, value]. `levels` are {className, value}, drawn from side to side.
 */
export function curves({ series, levels = [], epochs, highest, height, unit }) {
  const bottom = height - BOTTOM;
  const across = (epoch) => LEFT + ((WIDTH - LEFT - RIGHT) * epoch) / epochs;
  const down = (value) => bottom - ((bottom - TOP) * Math.min(value, highest * 1.02)) / highest;
  const path = (line) => "M" + line.map(([e, v]) => `${across(e).toFixed(1)} ${down(v).toFixed(1)}`).join("L");
  const drawn = [
    ...series.flatMap(({ className, lines }) => lines.map((line) => line.length && `<path class="lab-thin ${className}" d="${path(line)}"/>`)),
    ...levels.map(({ className, value }) => `<path class="lab-level ${className}" d="${path([[0, value], [epochs, value]])}"/>`),
    ...series.map(({ className, mean }) => mean.length && `<path class="lab-mean ${className}" d="${path(mean)}"/>`),
  ];
  const ticks = ticksUpTo(highest, height < 120 ? 2 : 4).map(
    (value) => `<path class="lab-grid" d="M${LEFT} ${down(value).toFixed(1)}H${WIDTH - RIGHT}"/>
      <text x="${LEFT - 5}" y="${(down(value) + 4).toFixed(1)}" text-anchor="end">${shortNumber(value)}</text>`,
  );
  const epochTicks = [0, epochs / 2, epochs].map(
    (epoch) => `<text x="${across(epoch)}" y="${height - 6}" text-anchor="${epoch === epochs ? "end" : "middle"}">${
      epoch === epochs ? `${epochs} epochs` : epoch}</text>`,
  );
  return frame(height, [...ticks, ...epochTicks, ...drawn.filter(Boolean), `<text x="${LEFT + 4}" y="${TOP + 8}">${unit}</text>`]);
}

/** Bars of a histogram {counts, low, high}, with the ends of its axis and its zero. */
export function histogram({ counts, low, high }, className) {
  const height = 96, bottom = height - BOTTOM, most = Math.max(1, ...counts);
  const wide = (WIDTH - 2 * RIGHT) / counts.length;
  const bars = counts.map((count, i) => {
    const tall = count && Math.max(1, ((bottom - TOP) * count) / most);
    return `<rect class="${className}" x="${(RIGHT + i * wide + 0.5).toFixed(1)}" y="${(bottom - tall).toFixed(1)}" width="${(wide - 1).toFixed(1)}" height="${tall.toFixed(1)}"/>`;
  });
  const labels = [...new Set([low, 0, high])].map((value) => {
    const place = RIGHT + ((WIDTH - 2 * RIGHT) * (value - low)) / (high - low);
    const anchor = value === low ? "start" : value === high ? "end" : "middle";
    return `<text x="${place.toFixed(1)}" y="${height - 6}" text-anchor="${anchor}">${shortNumber(value)}</text>`;
  });
  return frame(height, [...bars, `<path class="lab-axis" d="M${RIGHT} ${bottom}H${WIDTH - RIGHT}"/>`, ...labels]);
}

/** The interval of a difference with zero and the margin, as on the book's cards. */
export function intervalBar(intervals, margin) {
  const reach = 1.15 * Math.max(margin, ...intervals.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  const across = (value) => (200 + (190 * value) / reach).toFixed(1);
  const height = 6 + 16 * intervals.length;
  const marks = intervals.map(({ low, mean, high }, i) => {
    const y = 11 + 16 * i;
    return `<path class="lab-interval" d="M${across(low)} ${y}H${across(high)}"/><circle cx="${across(mean)}" cy="${y}" r="4.5"/>`;
  });
  return frame(height, [
    `<rect class="lab-margin" x="${across(-margin)}" y="0" width="${(across(margin) - across(-margin)).toFixed(1)}" height="${height}"/>`,
    `<path class="lab-level" d="M200 0V${height}"/>`, ...marks,
  ]);
}

function frame(height, parts) {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" aria-hidden="true" focusable="false">${parts.join("")}</svg>`;
}

/** Round values from 0 on, about `count` of them. */
function ticksUpTo(highest, count) {
  const power = 10 ** Math.floor(Math.log10(highest / count));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => highest / size <= count + 1);
  return Array.from({ length: Math.floor(highest / step + 1e-9) + 1 }, (_, i) => i * step);
}

export function shortNumber(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}
