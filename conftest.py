"""Settings for pytest that must hold outside tests/, too: for the doctests and for the notebooks."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest

sys.path.append(str(Path(__file__).parent / "_ext"))
pytest_plugins = ["pytester"]  # to test these settings themselves
# The widget of the laboratory is optional: without its package there is no doctest to look for in it.
collect_ignore = [] if importlib.util.find_spec("anywidget") else ["course_utils/laboratory/widget.py"]
matplotlib.use("Agg")  # no window opens, whatever machine this is


def pytest_configure(config: pytest.Config) -> None:
    """Give each worker that executes notebooks a core of its own, as the book does."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and config.getoption("nbval", default=False):
        from execution import keep_to_one_core

        keep_to_one_core(int(worker.removeprefix("gw")))


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    """Close what a test or an example has drawn."""
    yield
    plt.close("all")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Compare what notebooks print, not what libraries write to stderr."""
    if hasattr(collector, "skip_compare"):  # nbval's collector of one notebook
        collector.skip_compare += ("stderr",)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Compare verdicts and comparisons by their data; nbval compares everything else to the letter.

    Their text is made from the data. To the letter, a mean whose last printed digit turns with the processor
    would count as another result.
    """
    if not hasattr(item, "compare_outputs"):
        return
    from verdicts import MEASURED_MIMES, same_measurement

    to_the_letter = item.compare_outputs

    def compare_outputs(test: list, ref: list, skip_compare: Any = None) -> bool:
        test = list(test)
        for place, (found, committed) in enumerate(zip(test, ref, strict=False)):
            ours, theirs = found.get("data", {}), committed.get("data", {})
            if any(
                kind in ours and same_measurement(theirs.get(kind), ours[kind]) for kind in MEASURED_MIMES
            ):
                test[place] = committed
        return to_the_letter(test, ref, skip_compare)

    item.compare_outputs = compare_outputs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Note in the report what a notebook's kernel has cost, which ends with the notebook's last cell."""
    before = os.times()
    yield
    after = os.times()
    seconds = after.children_user - before.children_user + after.children_system - before.children_system
    if seconds:
        item.user_properties.append(("processor_seconds", f"{seconds:.2f}"))
