"""Run chapters on other draws and say, claim by claim, which verdicts come back.

``python _ext/redraw.py 5000 [NOTEBOOK ...]`` adds 5000 to the number of every draw. Chapters stay the same;
``--write`` keeps the outcomes in ``appendix/redraws.csv``, which the page of all verdicts reads.
It fails if a verdict was reversed, if one is missing, or if a chapter raised.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from execution import ROOT, Execution, chapters, execute_all
from nbformat import NotebookNode
from verdicts import read_verdicts

RECORD = ROOT / "appendix" / "redraws.csv"
COLUMNS = ["shift", "chapter", "claim", "outcome", "mean", "low", "high"]
OPPOSITE = {"supported": "not supported", "not supported": "supported"}
DIFFERENTLY = re.compile(r"^Here it came out differently:.*?\.$", re.DOTALL | re.MULTILINE)  # from `holds`


@dataclass(frozen=True)
class Return:
    """A claim's verdict as committed, and as it came out now; None if nothing did."""

    committed: dict[str, Any]
    now: dict[str, Any] | None

    @property
    def change(self) -> str:
        """What became of the verdict: "came back", "changed", "REVERSED" or "MISSING"."""
        return "MISSING" if self.now is None else change(self.committed["outcome"], self.now["outcome"])

    def __str__(self) -> str:
        text = textwrap.shorten(self.committed["claim"], 60, placeholder=" ...")
        now = "missing" if self.now is None else self.now["outcome"]
        return f"{text:60}  {self.committed['outcome']} -> {now}: {self.change}"


def change(committed: str, now: str) -> str:
    """Return what became of an outcome."""
    if now == committed:
        return "came back"
    return "REVERSED" if now == OPPOSITE.get(committed) else "changed"


def returns_of(committed: NotebookNode, executed: NotebookNode) -> Iterator[Return]:
    """Yield each committed verdict beside the one that the execution gave for the same claim."""
    found = read_verdicts(executed)
    for verdict in read_verdicts(committed):
        same = next((other for other in found if other["claim"] == verdict["claim"]), None)
        if same:
            found.remove(same)  # a claim may be tested twice
        yield Return(verdict, same)


def differences_of(notebook: NotebookNode) -> list[str]:
    """Return the sentences in which `holds` said that something came out differently."""
    printed = "\n".join(
        out.text for cell in notebook.cells for out in cell.get("outputs", []) if "text" in out
    )
    return [" ".join(sentence.split()) for sentence in DIFFERENTLY.findall(printed)]


def report(executions: Iterator[Execution]) -> tuple[bool, dict[str, list[Return]]]:
    """Print each verdict beside the committed one.

    Returns
    -------
    bool
        Whether all stand and no chapter raised.
    dict of str to list of Return
        By chapter.
    """
    returns: dict[str, list[Return]] = {}
    raised, lines = False, []
    for execution in executions:
        chapter, raised = execution.path.stem, raised or bool(execution.error)
        returns[chapter] = list(returns_of(nbformat.read(execution.path, as_version=4), execution.notebook))
        found = [*map(str, returns[chapter]), *differences_of(execution.notebook)]
        lines += [f"{chapter[:2]}  {line}" for line in found]
    print(*lines, sep="\n")
    changes = Counter(claim.change for claims in returns.values() for claim in claims)
    print(
        f"{changes['came back']} of {changes.total()} verdicts came back, {changes['changed']} changed,"
        f" {changes['REVERSED']} reversed"
    )
    return not raised and not changes["REVERSED"] and not changes["MISSING"], returns


def write(returns: Mapping[str, list[Return]], shift: int, path: Path = RECORD) -> None:
    """Keep what came out now, in the place of what an earlier redraw of the same chapters found."""
    rows = [
        {"shift": shift, "chapter": chapter, **{name: claim.now[name] for name in COLUMNS[2:]}}
        for chapter, claims in returns.items()
        for claim in claims
        if claim.now
    ]
    if path.exists():
        old = pd.read_csv(path)
        again = (old["shift"] == shift) & old["chapter"].isin(list(returns))
        rows = old[~again].to_dict("records") + rows
    table = pd.DataFrame(rows, columns=COLUMNS).sort_values(["shift", "chapter"], kind="stable")
    table.to_csv(path, index=False)


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
    parser.add_argument("--write", action="store_true", help="keep the outcomes in appendix/redraws.csv")
    arguments = parser.parse_args()
    os.environ["COURSE_UTILS_DRAWS_SHIFT"] = str(arguments.shift)
    os.environ.pop("COURSE_UTILS_STRICT", None)  # what came out differently is listed, it stops no chapter
    paths = [path.resolve() for path in arguments.notebooks] or chapters()
    good, returns = report(execute_all(paths))
    if arguments.write:
        write(returns, arguments.shift)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
