// Settings as plain objects: defaults, what is on offer, a link that holds one, and the difference in words.

import { FIELDS } from "./fields.js";

/** The course's shared network and problem, without a penalty. */
export const DEFAULTS = { ...Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [name, field.value])), points: "" };

/** Noise that suits each problem; `data` sets it when it is changed by hand. */
export const NOISE = { blobs: 0.25, circles: 0.1, moons: 0.2 };

/** Complete a partial setting; what is not on offer becomes the default, and numbers the nearest step. */
export function complete(partial) {
  const setting = { ...DEFAULTS };
  for (const [name, { options, steps, value }] of Object.entries(FIELDS)) {
    const given = partial[name];
    if (given === undefined || given === null) continue;
    if (options) setting[name] = Object.hasOwn(options, given) ? given : value;
    else if (Number.isFinite(Number(given))) setting[name] = nearest(steps, Number(given));
  }
  setting.points = typeof partial.points === "string" ? partial.points : "";
  return setting;
}

function nearest(steps, value) {
  return steps.reduce((best, step) => (Math.abs(step - value) < Math.abs(best - value) ? step : best));
}

/** Whether a field has any effect under this setting. */
export function applies(name, setting) {
  const { only = {}, unless = {} } = FIELDS[name];
  return (
    Object.entries(only).every(([other, values]) => values.includes(setting[other])) &&
    Object.entries(unless).every(([other, values]) => !values.includes(setting[other]))
  );
}

/** How a value reads: "ReLU", "0.01", "off". */
export function written(name, value) {
  const { options, zero } = FIELDS[name];
  return options ? options[value] : value === 0 && zero ? zero : String(value);
}

/** What has an effect and differs between two settings: [label, before, after], as words. */
export function changes(before, after) {
  return Object.entries(FIELDS)
    .filter(([name]) => (applies(name, before) || applies(name, after)) && name !== "seeds")
    .map(([name, { label }]) => [label, ...[before, after].map((s) => (applies(name, s) ? written(name, s[name]) : "–"))])
    .filter(([, a, b]) => a !== b)
    .concat(before.points !== after.points ? [["Points", "others", "these"]] : []);
}

/** Write what differs from the defaults, as the part of a link behind "#". */
export function toLink(setting, rival = null) {
  const given = new URLSearchParams();
  for (const name of Object.keys(DEFAULTS)) if (setting[name] !== DEFAULTS[name]) given.set(name, setting[name]);
  if (setting.data !== "own") given.delete("points");
  if (rival) given.set("rival", toLink(rival));
  return given.toString();
}

/** Read a link: {setting, rival}; rival is null if the link holds none. */
export function fromLink(text) {
  const given = Object.fromEntries(new URLSearchParams(text.replace(/^#/, "")));
  const rival = "rival" in given ? fromLink(given.rival).setting : null;
  return { setting: complete(given), rival };
}
