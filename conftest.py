"""Settings for pytest that must hold outside tests/, too: for the doctests and for the notebooks."""

import os
from collections.abc import Iterator

import matplotlib
import pytest

matplotlib.use("Agg")  # no window opens, whatever machine this is


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Compare what notebooks print, not what libraries write to stderr."""
    if hasattr(collector, "skip_compare"):  # nbval's collector of one notebook
        collector.skip_compare += ("stderr",)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Note in the report what a notebook's kernel has cost, which ends with the notebook's last cell."""
    before = os.times()
    yield
    after = os.times()
    seconds = after.children_user - before.children_user + after.children_system - before.children_system
    if seconds:
        item.user_properties.append(("processor_seconds", f"{seconds:.2f}"))
