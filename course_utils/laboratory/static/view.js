// The laboratory on a page: builds it, starts trainings, and shows what they report.

import { createControls } from "./controls.js";
import { drawBoundary, drawCurves, drawHistograms } from "./drawing.js";
import { drawData, isKnown, problemOf } from "./data.js";
import { FIELDS } from "./fields.js";
import { createPool } from "./pool.js";
import { PRESETS } from "./presets.js";
import { resultOf, wordsOf } from "./results.js";
import { changes, complete, NOISE, toLink } from "./settings.js";
import { MARKUP } from "./markup.js";

const REST = 150; // milliseconds without a change before a training starts
const BETWEEN_PICTURES = 80; // milliseconds

/** A setting and what its seeds have reported so far; `moved` says what was changed while it trained. */
function newTrial(setting) {
  return { setting, reports: new Map(), moved: null };
}

function epochOf(trial) {
  return Math.max(0, ...[...trial.reports.values()].map(({ epoch }) => epoch));
}

export class Laboratory {
  /**
   * @param root an empty element.
   * @param startPort as for createPool.
   * @param start {setting, rival} to begin with.
   * @param host what the surroundings want: `onSetting(setting, rival)`; `onResult(result)`; `chapters`, the
   *   address of the book's chapters, or null outside the book; `train()`, which asks Keras, or null.
   */
  constructor(root, startPort, start, host) {
    Object.assign(this, { root, host, shown: 1, jobs: new Map(), problem: null, runs: 0, running: false, keras: null });
    this.current = newTrial(complete(start.setting ?? {}));
    this.rival = start.rival ? newTrial(complete(start.rival)) : null;
    this.timers = { start: 0, draw: 0 };
    this.drawnAt = 0;
    root.classList.add("laboratory");
    root.innerHTML = MARKUP;
    this.pool = createPool(startPort, (report) => this.hear(report));
    this.showControls = createControls(this.find(".lab-controls"), (name, value) => this.change(name, value));
    this.listen();
    this.showSetting();
    this.trainSoon();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  listen() {
    const actions = {
      train: () => this.set(this.current.setting, this.rival?.setting),
      stop: () => this.finish(),
      keep: () => this.keepAsRival(),
      drop: () => this.dropRival(),
      keras: () => this.host.train(),
    };
    this.root.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-action]");
      if (button) actions[button.dataset.action]();
    });
    this.find("[name=preset]").addEventListener("change", ({ target }) => this.choosePreset(PRESETS[target.value]));
    this.find("[name=shown]").addEventListener("change", ({ target }) => this.showSeed(Number(target.value)));
    this.find("[name=points]").addEventListener("input", ({ target }) => this.change("points", target.value));
    this.find(".lab-square").addEventListener("click", (event) => this.addPoint(event));
    this.find("[data-action=keras]").hidden = !this.host.train;
    this.find(".lab-link").hidden = this.host.chapters === null;
  }

  // ---- what a reader sets

  /** Show and train another setting, with its rival or none. */
  set(setting, rival) {
    this.current = newTrial(complete(setting));
    this.rival = rival ? newTrial(complete(rival)) : null;
    this.shareProblem();
    this.trainSoon();
  }

  change(name, value) {
    const setting = { ...this.current.setting, [name]: value };
    if (name === "data") Object.assign(setting, value === "own" ? this.firstPoints() : { noise: NOISE[value] });
    if (this.running && FIELDS[name]?.live) return this.moveWhileTraining(setting, name, value);
    const onlyMoreSeeds = name === "seeds" && !this.running;
    this.current = onlyMoreSeeds ? { ...this.current, setting } : newTrial(setting);
    this.shareProblem();
    this.trainSoon();
  }

  /** Strengths and rates reach a running training at once; a clean one follows when it ends. */
  moveWhileTraining(setting, name, value) {
    this.current.setting = setting;
    this.current.moved ??= `${FIELDS[name].label} was moved at epoch ${epochOf(this.current)}`;
    const jobs = [...this.jobs].filter(([, { trial }]) => trial === this.current).map(([job]) => job);
    this.pool.change(new Set(jobs), { [name]: value });
    this.showSetting();
  }

  /** Both are judged on the same problem and seeds: what the reader sets there is the rival's, too. */
  shareProblem() {
    if (!this.rival) return;
    const { data, noise, points, seeds } = this.current.setting;
    const theirs = this.rival.setting;
    const setting = { ...theirs, data, noise, points, seeds };
    const same = theirs.data === data && theirs.noise === noise && theirs.points === points;
    this.rival = same ? { ...this.rival, setting } : newTrial(setting);
  }

  choosePreset(preset) {
    const question = this.find(".lab-question");
    question.hidden = !preset;
    if (!preset) return;
    const address = `${this.host.chapters}${preset.page}.html`;
    question.innerHTML = preset.question + (this.host.chapters ? ` <a href="${address}">The chapter</a>` : "");
    const { seeds } = this.current.setting;
    this.set({ ...preset.setting, seeds }, { ...preset.rival, seeds });
  }

  keepAsRival() {
    this.rival = this.current;
    this.current = { ...this.current, reports: new Map(this.current.reports) };
    this.showSetting();
    if (this.running) this.train();
    else this.finish();
  }

  dropRival() {
    this.rival = null;
    this.showSetting();
    if (this.running) this.train();
    else this.finish();
  }

  /** Own points begin as some of those that were shown: something to change. */
  firstPoints() {
    if (this.current.setting.points) return {};
    const { x, y } = drawData({ ...this.current.setting, rows: 60 }, this.shown).train;
    const lines = Array.from(y, (label, i) => `${x[2 * i].toFixed(2)}, ${x[2 * i + 1].toFixed(2)}, ${label}`);
    return { points: lines.join("\n") };
  }

  addPoint(event) {
    const { setting } = this.current;
    if (isKnown(setting)) return;
    const box = this.find(".lab-square").getBoundingClientRect();
    const { left, bottom, size } = this.problem.frame;
    const x1 = left + (size * (event.clientX - box.left)) / box.width;
    const x2 = bottom + size * (1 - (event.clientY - box.top) / box.height);
    const line = `${x1.toFixed(3)}, ${x2.toFixed(3)}, ${this.find("[name=class]").value}`;
    this.change("points", `${setting.points.trimEnd()}\n${line}`.trimStart());
  }

  // ---- training

  trainSoon() {
    this.keras = null;
    if (!this.running) this.root.dataset.state = "waiting";
    this.showSetting();
    window.clearTimeout(this.timers.start);
    this.timers.start = window.setTimeout(() => this.train(), REST);
  }

  /** Train the seeds that are missing, those of the rival last. */
  train() {
    if (this.problem.error) return this.stopTraining("waiting");
    this.runs += 1;
    this.running = true;
    this.root.dataset.state = "training";
    performance.mark("laboratory-trains");
    this.jobs.clear();
    for (const [who, trial] of [["seed", this.current], ["rival", this.rival]]) {
      for (let seed = 1; trial && seed <= this.current.setting.seeds; seed++) {
        if (trial.reports.get(seed)?.done) continue;
        trial.reports.set(seed, { records: [], insight: null, done: false, diverged: false, epoch: 0 });
        this.jobs.set(`${this.runs}/${who} ${seed}`, { trial, seed });
      }
    }
    const tasks = [...this.jobs].map(([job, { trial, seed }]) => ({ job, setting: trial.setting, seed, frame: this.problem.frame }));
    this.pool.train(tasks);
    this.showSeed(this.shown);
    if (tasks.length === 0) this.finish();
  }

  hear({ job, record, ...report }) {
    const { trial, seed } = this.jobs.get(job) ?? {};
    if (!trial || !this.running) return;
    const seen = trial.reports.get(seed);
    Object.assign(seen, { ...report, insight: report.insight ?? seen.insight });
    if (record) seen.records.push(record);
    if ([...this.jobs.values()].every((one) => one.trial.reports.get(one.seed).done)) this.finish();
    else this.drawSoon();
  }

  stopTraining(state) {
    this.pool.stop();
    this.running = false;
    this.root.dataset.state = state;
    this.draw();
  }

  finish() {
    const { moved, setting } = this.current;
    this.stopTraining(moved ? "moved" : "done");
    if (moved) {
      this.say(`<p>${moved}. It trains again from the start, for a clean result.</p>`);
      this.current = newTrial(setting);
      this.trainSoon();
    } else if (this.isComplete(this.current) && (!this.rival || this.isComplete(this.rival))) {
      const result = resultOf(this.current, this.rival);
      this.say(wordsOf(result, this.problem.floor, this.keras));
      if (this.rival) this.find(".lab-rival").textContent = ""; // the result says it
      this.host.onResult(result);
    } else {
      this.say("<p>Stopped before the end: there is nothing to judge.</p>");
    }
  }

  isComplete({ reports }) {
    const seen = [...reports.values()];
    return seen.length >= this.current.setting.seeds && seen.every(({ done }) => done);
  }

  // ---- showing

  /** Show a setting that has just changed: controls, points, the best possible boundary, the link. */
  showSetting() {
    const { setting } = this.current;
    const key = JSON.stringify([setting.data, setting.noise, setting.points]);
    if (this.problem?.key !== key) this.problem = { key, ...problemOf(setting) };
    this.showControls(setting);
    this.shown = Math.min(this.shown, setting.seeds);
    const seeds = Array.from({ length: setting.seeds }, (_, i) => `<option>${i + 1}</option>`);
    this.find("[name=shown]").innerHTML = seeds.join("");
    this.find("[name=shown]").value = this.shown;
    this.showOwnPoints(setting);
    this.showRival();
    const rival = this.rival?.setting ?? null;
    this.find(".lab-link").href = `#${toLink(setting, rival)}`;
    this.host.onSetting(setting, rival);
    if (!this.running) this.draw();
  }

  showOwnPoints(setting) {
    this.find(".lab-own").hidden = isKnown(setting);
    const area = this.find("[name=points]");
    if (area.value !== setting.points) area.value = setting.points;
    area.setAttribute("aria-invalid", Boolean(this.problem.error));
    this.find(".lab-error").textContent = this.problem.error;
  }

  showRival() {
    this.find("[data-action=drop]").hidden = !this.rival;
    if (!this.rival) {
      this.find(".lab-rival").textContent = "No rival yet: keep a setting, change one thing, and the difference is judged.";
      return;
    }
    const changed = changes(this.rival.setting, this.current.setting).map(([label, before]) => `${label}: ${before}`);
    this.find(".lab-rival").textContent = `Rival, on the same seeds: ${changed.join("; ") || "this setting"}.`;
  }

  showSeed(seed) {
    this.shown = seed;
    this.pool.show(`${this.runs}/seed ${seed}`);
    this.draw();
  }

  /** Lay what Keras has found beside the page's result. */
  showKeras(keras) {
    this.keras = keras;
    if (!this.running) this.finish();
  }

  say(words) {
    this.find(".lab-result").innerHTML = words;
  }

  /** Draw at most every so often, and only results for readers who asked for less motion. */
  drawSoon() {
    if (this.timers.draw || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const rest = Math.max(0, BETWEEN_PICTURES - (performance.now() - this.drawnAt));
    this.timers.draw = window.setTimeout(() => {
      this.timers.draw = 0;
      window.requestAnimationFrame(() => this.draw());
    }, rest);
  }

  draw() {
    this.drawnAt = performance.now();
    drawBoundary(this.find(".lab-boundary"), this);
    drawCurves(this.find(".lab-curves"), this);
    drawHistograms(this.find(".lab-inside"), this);
    const progress = this.find("progress");
    progress.hidden = !this.running;
    progress.max = this.current.setting.epochs;
    progress.value = epochOf(this.current);
    this.find("[data-action=stop]").disabled = !this.running;
  }
}
