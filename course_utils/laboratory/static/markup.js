// The laboratory's HTML. What it holds is in reading order: question, pictures, result, controls.

import { PRESETS } from "./presets.js";

const OPTIONS = PRESETS.map(({ name }, i) => `<option value="${i}">${name}</option>`).join("");
const KEYS = [
  ["fresh", "fresh points"], ["train", "training points"], ["floor", "best possible"], ["rival-line", "rival on fresh points"],
];

const sample = (name) => `<svg viewBox="0 0 24 8" aria-hidden="true" focusable="false"><path class="lab-mean lab-${name}" d="M0 4H24"/></svg>`;

export const MARKUP = `
<div class="lab-top">
  <label>See it happen <select name="preset"><option value="-1">choose an experiment</option>${OPTIONS}</select></label>
  <p class="lab-question" hidden></p>
  <p class="lab-buttons">
    <button type="button" data-action="train">Train again</button>
    <button type="button" data-action="stop" disabled>Stop</button>
    <button type="button" data-action="keep">Keep as rival</button>
    <button type="button" data-action="drop" hidden>Drop the rival</button>
    <button type="button" data-action="keras" hidden>Train with Keras, 32 seeds</button>
    <a class="lab-link" href="#">Link to this setting</a>
    <progress aria-label="Epochs" value="0" max="1" hidden></progress>
  </p>
</div>
<div class="lab-pictures">
  <figure class="lab-boundary">
    <figcaption><label>Decision of seed <select name="shown"></select></label>
      <span class="lab-key">${sample("mean")} p = 0.5</span>
      <span class="lab-key lab-key-best">${sample("best")} best possible</span></figcaption>
    <div class="lab-square"><canvas role="img" aria-label="Decision of the network in the plane; the numbers stand below."></canvas>
      <svg viewBox="0 0 100 100" aria-hidden="true" focusable="false"><g class="lab-points"></g><g class="lab-lines"></g></svg></div>
  </figure>
  <figure class="lab-curves">
    <figcaption><strong>Data loss</strong> ${KEYS.map(([name, text]) => `<span class="lab-key lab-key-${name.replace("-line", "")}">${sample(name)} ${text}</span>`).join(" ")}</figcaption>
    <div class="lab-losses"></div>
    <div class="lab-penalty" hidden><p>The penalty, which is not in the curves above</p><div></div></div>
  </figure>
</div>
<div class="lab-verdict"><div class="lab-result" role="status"></div><p class="lab-rival lab-note"></p></div>
<form class="lab-controls" aria-label="Setting"></form>
<figure class="lab-inside">
  <div class="lab-histogram"><figcaption>Weights</figcaption><div></div><p></p></div>
  <div class="lab-histogram"><figcaption>Outputs of the hidden units</figcaption><div></div><p></p></div>
</figure>
<div class="lab-own" hidden>
  <label>Points, a line each: x1, x2, class <textarea name="points" rows="6" spellcheck="false"
    data-lm-suppress-shortcuts="true"></textarea></label>
  <p class="lab-error" role="alert"></p>
  <label>A click on the picture adds a point of class <select name="class"><option>0</option><option>1</option></select></label>
  <p class="lab-note">Every third point is kept back: these are the fresh points.</p>
</div>`;
