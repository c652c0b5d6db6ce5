"""Settings for pytest that must hold outside tests/, too: for the doctests and for the notebooks."""

from collections.abc import Iterator

import matplotlib
import matplotlib.pyplot as plt
import pytest

matplotlib.use("Agg")  # no window opens, whatever machine this is


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    """Close what a test or an example has drawn."""
    yield
    plt.close("all")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Compare what notebooks print, not what libraries write to stderr."""
    if hasattr(collector, "skip_compare"):  # nbval's collector of one notebook
        collector.skip_compare += ("stderr",)
