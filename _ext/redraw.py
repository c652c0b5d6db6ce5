"""Run chapters on other draws and say, claim by claim, which verdicts come back.

``python _ext/redraw.py 5000 [NOTEBOOK ...]`` adds 5000 to the number of every draw. Nothing is written.
It fails if a verdict was reversed, if one is missing, or if a chapter raised.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from execution import Execution, chapters, execute_all
from nbformat import NotebookNode
from verdicts import read_verdicts

OPPOSITE = {"supported": "not supported", "not supported": "supported"}
DIFFERENTLY = re.compile(r"^Here it came out differently:.*?\.$", re.DOTALL | re.MULTILINE)  # from `holds`


@dataclass(frozen=True)
class Return:
    """The outcome of one claim as committed, and as it came out now ("missing" if nothing did)."""

    claim: str
    committed: str
    now: str

    @property
    def change(self) -> str:
        """What became of the verdict: "came back", "changed", "REVERSED" or "MISSING"."""
        if self.now == "missing":
            return "MISSING"
        if self.now == self.committed:
            return "came back"
        return "REVERSED" if self.now == OPPOSITE.get(self.committed) else "changed"


def returns_of(committed: NotebookNode, executed: NotebookNode) -> Iterator[Return]:
    """Yield each committed verdict beside the one that the execution gave for the same claim."""
    found = read_verdicts(executed)
    for verdict in read_verdicts(committed):
        same = next((other for other in found if other["claim"] == verdict["claim"]), None)
        if same:
            found.remove(same)  # a claim may be tested twice
        yield Return(verdict["claim"], verdict["outcome"], same["outcome"] if same else "missing")


def differences_of(notebook: NotebookNode) -> list[str]:
    """Return the sentences in which `holds` said that something came out differently."""
    printed = "\n".join(
        out.text for cell in notebook.cells for out in cell.get("outputs", []) if "text" in out
    )
    return [" ".join(sentence.split()) for sentence in DIFFERENTLY.findall(printed)]


def report(executions: Iterator[Execution]) -> bool:
    """Print each verdict beside the committed one; return whether all stand and no chapter raised."""
    changes: Counter[str] = Counter()
    good, lines = True, []
    for execution in executions:
        number, good = execution.path.stem[:2], good and not execution.error
        for claim in returns_of(nbformat.read(execution.path, as_version=4), execution.notebook):
            changes[claim.change] += 1
            text = textwrap.shorten(claim.claim, 60, placeholder=" ...")
            lines.append(f"{number}  {text:60}  {claim.committed} -> {claim.now}: {claim.change}")
        lines += [f"{number}  {line}" for line in differences_of(execution.notebook)]
    print(*lines, sep="\n")
    print(
        f"{changes['came back']} of {changes.total()} verdicts came back, {changes['changed']} changed,"
        f" {changes['REVERSED']} reversed"
    )
    return good and not changes["REVERSED"] and not changes["MISSING"]


def shift(text: str) -> int:
    """Read the number that is added to every draw."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"SHIFT must be a whole number above 0, and {text!r} is none")
    return int(text)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("shift", type=shift, help="is added to the number of every draw")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all chapters")
    arguments = parser.parse_args()
    os.environ["COURSE_UTILS_DRAWS_SHIFT"] = str(arguments.shift)
    os.environ.pop("COURSE_UTILS_STRICT", None)  # what came out differently is listed, it stops no chapter
    paths = [path.resolve() for path in arguments.notebooks] or chapters()
    return 0 if report(execute_all(paths)) else 1


if __name__ == "__main__":
    sys.exit(main())
