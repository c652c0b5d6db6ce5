"""What a measurement says about a claim, by one rule for the whole book."""

from __future__ import annotations

import os
import textwrap
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np

from course_utils._arguments import check_number
from course_utils.compare import cards
from course_utils.compare.differences import Difference

Outcome = Literal["supported", "not supported", "no difference", "undecided"]

# The smallest difference that matters, by unit; fixed for the whole book before anything was measured.
MARGINS = {"nats": 0.01, "accuracy": 0.01}
# Set where nobody reads along: then `holds` raises.
STRICT = "COURSE_UTILS_STRICT"
VERDICT_MIME = "application/vnd.course-utils.verdict+json"
_WIDTH = 72


@dataclass(frozen=True)
class Verdict:
    """What the measurement says about a claim; it shows itself as text, as a card and as data.

    Attributes
    ----------
    claim : str
        The sentence that was tested.
    difference : Difference
        The measured paired difference.
    outcome : {"supported", "not supported", "no difference", "undecided"}
    source : str
        Who makes the claim.
    expected : {"lower", "higher"}
        The sign of the difference if the claim is true.
    margin : float
        The smallest difference that matters, in the unit of the difference; 0 for none.
    """

    claim: str
    difference: Difference
    outcome: Outcome
    source: str = ""
    expected: Literal["lower", "higher"] = "lower"
    margin: float = 0.0

    def __str__(self) -> str:
        lines = {"Claim": self.claim, "Source": self.source, "Measured": str(self.difference)}
        lines["Verdict"] = self.outcome
        return "\n".join(
            textwrap.fill(f"{name + ':':9} {text}", _WIDTH, subsequent_indent=10 * " ")
            for name, text in lines.items()
            if text
        )

    @property
    def data(self) -> dict[str, Any]:
        """Everything as plain values, six digits of each number: what tables and tests read."""
        found = asdict(self)
        found |= {
            name: float(f"{value:.6g}") if isinstance(value, float) else value
            for name, value in found.pop("difference").items()
        }
        return found

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": cards.verdict_card(self), VERDICT_MIME: self.data}


def verdict(
    claim: str,
    difference: Difference,
    expected: Literal["lower", "higher"] = "lower",
    source: str = "",
    margin: float | None = None,
) -> Verdict:
    """Judge a claim by the interval of a paired difference and the smallest difference that matters.

    *Supported* or *not supported*: the interval lies on one side of zero, and reaches beyond the margin.
    *No difference*: the whole interval lies within the margin, on either side of zero.
    *Undecided*: anything else.

    Parameters
    ----------
    claim : str
        The claim in one sentence.
    difference : Difference
        From `paired_difference` or `Comparison.difference`.
    expected : {"lower", "higher"}
        The sign of the difference if the claim is true.
    source : str
        Who makes the claim.
    margin : float, optional
        The smallest difference that matters. Default: 0.01 nats, 0.01 of accuracy, and none for other units.

    Raises
    ------
    ValueError
        When `claim` is empty, `expected` is neither "lower" nor "higher", or `margin` is negative.
    TypeError
        When `difference` is not a `Difference`, or `source` is not a string.

    Examples
    --------
    >>> print(verdict("L2 lowers the loss", Difference(-0.02, -0.03, -0.01, 32)))
    Claim:    L2 lowers the loss
    Measured: −0.020 [−0.030, −0.010], 32 pairs
    Verdict:  supported
    >>> verdict("L2 lowers the loss", Difference(-0.003, -0.005, -0.001, 32), margin=0.01).outcome
    'no difference'
    """
    if not isinstance(claim, str) or not claim.strip():
        raise ValueError(f"claim must be a sentence, got {claim!r}")
    if not isinstance(difference, Difference):
        raise TypeError(f"difference must be a Difference, got {type(difference).__name__}")
    if not isinstance(source, str):
        raise TypeError(f"source must be a string, got {source!r}")
    if not isinstance(expected, str) or expected not in ("lower", "higher"):
        raise ValueError(f"expected must be 'lower' or 'higher', got {expected!r}")
    margin = MARGINS.get(difference.unit, 0.0) if margin is None else check_number(margin, "margin")
    return Verdict(claim, difference, _outcome(difference, expected, margin), source, expected, margin)


def _outcome(difference: Difference, expected: str, margin: float) -> Outcome:
    low, high = difference.low, difference.high
    if -margin <= low and high <= margin:
        return "no difference"
    if low <= 0 <= high:
        return "undecided"
    return "supported" if (high < 0) == (expected == "lower") else "not supported"


def holds(found: bool | Verdict, expected: str) -> None:
    """Guard what the text says about a measurement.

    Silent when it is so. If not, a reader is told in one line and goes on: other versions, other rounding and
    other draws may give another result. Where the environment variable `COURSE_UTILS_STRICT` is set, as in
    the course's own tests, it raises.

    Parameters
    ----------
    found : bool or Verdict
        A condition, or a verdict.
    expected : str
        What the text says: a sentence that tells what the condition means, or the verdict's outcome.

    Raises
    ------
    AssertionError
        When it does not hold and `COURSE_UTILS_STRICT` is set.
    TypeError, ValueError
        When `found` is neither, or `expected` is no outcome of a verdict or no sentence.

    Examples
    --------
    >>> holds(2 > 1, "two is more than one")
    >>> judged = verdict("L2 lowers the loss", Difference(-0.02, -0.03, -0.01, 32))
    >>> holds(judged, "supported")
    """
    if not isinstance(expected, str) or not expected.strip():
        raise ValueError(f"expected must be an outcome or a sentence, got {expected!r}")
    if isinstance(found, Verdict):
        if expected not in get_args(Outcome):
            raise ValueError(f"expected must be one of {get_args(Outcome)} for a verdict, got {expected!r}")
        good, sentence = found.outcome == expected, f"“{found.claim}” is {found.outcome}, not {expected}"
    elif isinstance(found, (bool, np.bool_)):
        good, sentence = bool(found), f"it does not hold that {expected}"
    else:
        raise TypeError(f"found must be True, False or a Verdict, got {type(found).__name__}")
    if not good:
        if os.environ.get(STRICT):
            raise AssertionError(sentence)
        print(textwrap.fill(f"Here it came out differently: {sentence}.", _WIDTH))
