// The controls, made from the table of fields: native inputs with labels, so that keyboard and screen reader work.

import { FIELDS } from "./fields.js";
import { applies, written } from "./settings.js";

const OPEN = ["Data", "Regularization"]; // the subject; network and training are a click away

/** Build the controls in `form`; `onChange(name, value)` hears what a reader sets. Returns show(setting). */
export function createControls(form, onChange) {
  const groups = [...new Set(Object.values(FIELDS).map(({ group }) => group))];
  form.innerHTML = groups.map(groupMarkup).join("");
  form.addEventListener("input", ({ target }) => {
    const { options, steps } = FIELDS[target.name] ?? {};
    if (options || steps) onChange(target.name, options ? target.value : steps[Number(target.value)]);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  return (setting) => {
    for (const name of Object.keys(FIELDS)) showField(form, name, setting);
    for (const group of groups) {
      form.querySelector(`[data-group="${group}"] small`).textContent = summaryOf(group, setting);
    }
  };
}

function groupMarkup(group) {
  const fields = Object.entries(FIELDS).filter(([, field]) => field.group === group);
  return `<details data-group="${group}" ${OPEN.includes(group) ? "open" : ""}>
    <summary>${group} <small></small></summary>${fields.map(fieldMarkup).join("")}</details>`;
}

function fieldMarkup([name, { label, options, steps }]) {
  if (options) {
    const choices = Object.entries(options).map(([value, text]) => `<option value="${value}">${text}</option>`);
    return `<label data-field="${name}"><span>${label}</span><select name="${name}">${choices.join("")}</select></label>`;
  }
  // JupyterLab would take the arrow keys for itself without data-lm-suppress-shortcuts.
  return `<label data-field="${name}"><span>${label} <b></b></span>
    <input type="range" name="${name}" aria-label="${label}" min="0" max="${steps.length - 1}" step="1"
      autocomplete="off" data-lm-suppress-shortcuts="true"></label>`;
}

function showField(form, name, setting) {
  const label = form.querySelector(`[data-field="${name}"]`);
  const input = label.querySelector("select, input");
  const text = written(name, setting[name]);
  label.hidden = !applies(name, setting);
  if (FIELDS[name].options) {
    input.value = setting[name];
    return;
  }
  input.value = FIELDS[name].steps.indexOf(setting[name]);
  input.setAttribute("aria-valuetext", text);
  label.querySelector("b").textContent = text;
}

/** What a closed group holds, in a few words. */
function summaryOf(group, setting) {
  if (group === "Network") return `${setting.depth} × ${setting.width}, ${written("activation", setting.activation)}`;
  if (group === "Training") return `${written("optimizer", setting.optimizer)}, ${setting.learningRate}, batch ${setting.batch}`;
  if (group === "Evidence") return setting.seeds === 1 ? "1 seed" : `${setting.seeds} seeds`;
  return "";
}
