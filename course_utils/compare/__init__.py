"""Compare variants on equal terms, and say what that means for a claim.

`compare` trains the variants on the same data, initial weights, batch order and budget. `paired_difference`
gives their difference with its interval, `factorial_effects` the effects of several factors at once,
`verdict` judges a claim by such a difference, and `holds` guards what a text says.
"""

from course_utils.compare.comparison import Comparison, compare
from course_utils.compare.differences import Difference, paired_difference
from course_utils.compare.factorial import factorial_effects
from course_utils.compare.verdicts import MARGINS, Verdict, holds, verdict

__all__ = [
    "MARGINS",
    "Comparison",
    "Difference",
    "Verdict",
    "compare",
    "factorial_effects",
    "holds",
    "paired_difference",
    "verdict",
]
