"""Compare variants on equal terms, and say what that means for a claim.

`compare` trains the variants on the same data, initial weights, batch order and budget. `paired_difference`
gives their difference with its interval, `simultaneous_differences` those of many comparisons at once,
`mean_ranks` their ranks, `factorial_effects` the effects of several factors. `verdict` judges a claim by a
difference, and `holds` guards what a text says.
"""

from course_utils.compare.comparison import Comparison, compare
from course_utils.compare.differences import Difference, paired_difference
from course_utils.compare.factorial import factorial_effects
from course_utils.compare.simultaneous import MeanRanks, mean_ranks, simultaneous_differences
from course_utils.compare.verdicts import MARGINS, Verdict, holds, verdict

__all__ = [
    "MARGINS",
    "Comparison",
    "Difference",
    "MeanRanks",
    "Verdict",
    "compare",
    "factorial_effects",
    "holds",
    "mean_ranks",
    "paired_difference",
    "simultaneous_differences",
    "verdict",
]
