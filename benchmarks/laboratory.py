"""How fast the laboratory is: seconds, longest blocking of the page, ratio to `model.fit`. Prints a table.

Run ``python -m benchmarks.laboratory``; it needs Chromium.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from course_utils.data import draw_blobs
from course_utils.laboratory import complete_setting
from course_utils.laboratory.program import page_script, style_sheet

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><link rel="stylesheet" href="laboratory.css">
<script>window.tasks = []; new PerformanceObserver((list) => window.tasks.push(...list.getEntries())).observe(
{type: "longtask"});</script>
<div id="laboratory" data-chapters="chapters/"></div><script src="laboratory.js"></script></html>"""
_FLAGS = ["--no-sandbox", "--disable-gpu"]
_ONE_SEED = """() => {
  const m = laboratoryProgram(), setting = m.settings.complete({});
  const training = m.training.createTraining(setting, m.data.drawData(setting, 1), 1);
  const began = performance.now();
  while (!training.done) m.training.trainEpoch(training);
  return (performance.now() - began) / 1000;
}"""


def in_browser() -> dict[str, float]:
    """Measure the page: its first picture, eight seeds, the longest task meanwhile, and one seed alone."""
    from playwright.sync_api import sync_playwright

    folder = Path(tempfile.mkdtemp())
    (folder / "laboratory.js").write_text(page_script(), encoding="utf-8")
    (folder / "laboratory.css").write_text(style_sheet(), encoding="utf-8")
    (folder / "index.html").write_text(_PAGE, encoding="utf-8")
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        page = browser.new_page()
        page.goto((folder / "index.html").as_uri())
        began, shown, trained, done = page.evaluate(
            """async () => {
              while (document.getElementById("laboratory").dataset.state !== "done") {
                await new Promise((next) => setTimeout(next, 20));
              }
              const at = (name) => performance.getEntriesByName(name)[0].startTime;
              const marks = ["began", "shown", "trains"].map((name) => at(`laboratory-${name}`));
              return [...marks, performance.now()];
            }"""
        )
        tasks = page.evaluate("window.tasks.map(({startTime, duration}) => [startTime, duration])")
        page.evaluate(_ONE_SEED)  # compiles
        one = page.evaluate(_ONE_SEED)
        browser.close()
    return {
        "first picture after (ms)": shown - began,
        "eight seeds, pictures included (s)": (done - trained) / 1000,
        # The browser tells of tasks of 50 ms or more.
        "tasks of 50 ms or more meanwhile": sum(start > trained for start, _ in tasks),
        "longest of them (ms)": max((took for start, took in tasks if start > trained), default=0),
        "one seed alone (s)": one,
    }


def by_keras() -> float:
    """Seconds of `model.fit` for the same setting, after a first epoch that compiles."""
    from course_utils.laboratory.training import build_model

    setting = complete_setting({})
    x, y = draw_blobs(setting["rows"], seed=1)
    model = build_model(setting)
    model.fit(x, y, batch_size=setting["batch"], epochs=1, verbose=0)
    began = time.perf_counter()
    model.fit(x, y, batch_size=setting["batch"], epochs=setting["epochs"], verbose=0)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    measured = in_browser()
    measured["model.fit, one seed (s)"] = by_keras()
    measured["model.fit ÷ one seed"] = measured["model.fit, one seed (s)"] / measured["one seed alone (s)"]
    each = measured["eight seeds, pictures included (s)"] / 8
    measured["model.fit ÷ each of eight seeds"] = measured["model.fit, one seed (s)"] / each
    for name, value in measured.items():
        sys.stdout.write(f"{name:36} {value:8.2f}\n")


if __name__ == "__main__":
    main()
