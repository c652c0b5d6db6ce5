"""Settings for pytest that must hold outside tests/, too: for the doctests and for the notebooks."""

import matplotlib
import pytest

matplotlib.use("Agg")  # no window opens, whatever machine this is


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Compare what notebooks print, not what libraries write to stderr."""
    if hasattr(collector, "skip_compare"):  # nbval's collector of one notebook
        collector.skip_compare += ("stderr",)
