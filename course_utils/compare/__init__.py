"""Compare variants on equal terms, and say what that means for a claim.

`compare` trains the variants on the same data, initial weights, batch order and budget. `paired_difference`
gives their difference with its interval, `verdict` judges a claim by it, and `holds` guards what a text says.
"""

from course_utils.compare.comparison import Comparison, compare
from course_utils.compare.differences import Difference, paired_difference
from course_utils.compare.verdicts import MARGINS, Verdict, holds, verdict

__all__ = [
    "MARGINS",
    "Comparison",
    "Difference",
    "Verdict",
    "compare",
    "holds",
    "paired_difference",
    "verdict",
]
