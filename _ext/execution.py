"""Execute the chapters on every core: into the book's cache, or in place.

``python _ext/execution.py cache`` executes what changed, for the build that follows.
``python _ext/execution.py verified REPORT`` puts into the cache what nbval has just executed and found equal
to the committed outputs: the build need not execute it again. The report is its JUnit XML.
``python _ext/execution.py inplace [NOTEBOOK ...]`` refreshes the committed outputs.
``python _ext/execution.py cost`` prints what each chapter's last execution cost, and fails above the limit.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import SimpleQueue
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
from dependencies import code_reached, hash_of_code
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.main import JupyterCacheBase
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
CELL_TIMEOUT = 900  # seconds; the slowest cell takes a tenth of it on two cores
PROCESSOR_SECONDS = 35  # that a chapter may take, start-up included; two chapters share two cores
DEARER_CHAPTERS = {
    "11": 60,
    "16": 60,
}  # processor seconds of those that may take more, and why is theirs to say
KEPT_CELL_METADATA = ("cellView", "mystnb", "tags")
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Execution:
    """What came of executing one notebook."""

    path: Path
    notebook: NotebookNode
    seconds: float
    processor_seconds: float = 0.0  # of the kernel and its children, start-up included; 0: not known
    error: str = ""


def chapters() -> list[Path]:
    """Return the paths of all chapters, in reading order."""
    return sorted((ROOT / "chapters").glob("*.ipynb"))


def open_cache() -> JupyterCacheBase:
    """Open the execution cache which the book's build reads."""
    return get_cache(BUILD / ".jupyter_cache")


def seconds_of_children() -> float:
    """Return the processor seconds of all child processes that have ended."""
    times = os.times()  # zeros on Windows
    return times.children_user + times.children_system


def where_it_lies(path: Path) -> tuple[Path, str]:
    """Return the folder and the kernel in which the book executes a notebook."""
    return path.parent, "python3"


def execute(path: Path, folder: Path, kernel: str) -> Execution:
    """Execute one notebook in a folder; an exception in it is reported, not raised."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name=kernel,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    start, processor_start = time.perf_counter(), seconds_of_children()
    error = ""
    try:
        client.execute(stderr=subprocess.DEVNULL)  # start-up lines only: what cells write is captured apart
    except Exception as exception:  # a dead kernel, a time-out and a raising cell all fail the chapter
        error = f"{type(exception).__name__}: {exception}"
    processor_seconds = seconds_of_children() - processor_start
    return Execution(path, notebook, time.perf_counter() - start, processor_seconds, error)


def keep_to_one_core(worker: int) -> None:
    """Keep this process, and the kernels it starts, on one core.

    Chapters run beside each other, one for each core. Left alone, XLA's threads take the other chapter's core
    and bring less than they cost.
    """
    if hasattr(os, "sched_setaffinity"):  # Linux
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[worker % len(cores)]})


def _keep_to_next_core(workers: SimpleQueue) -> None:
    keep_to_one_core(workers.get())


def execute_all(
    paths: list[Path], where: Callable[[Path], tuple[Path, str]] = where_it_lies
) -> Iterator[Execution]:
    """Execute notebooks on every core, `where` says, and report each as it is handed on."""
    if not paths:
        return
    count = min(len(paths), os.cpu_count() or 1)
    workers = SimpleQueue()
    for worker in range(count):
        workers.put(worker)
    with ProcessPoolExecutor(count, initializer=_keep_to_next_core, initargs=(workers,)) as pool:
        for execution in pool.map(execute, paths, *zip(*map(where, paths), strict=True)):
            print(f"{'failed  ' if execution.error else 'executed'} {execution.path.name}"
                  f" in {execution.seconds:.1f} s, {execution.processor_seconds:.1f} processor seconds",
                  flush=True)  # fmt: skip
            if execution.error:
                print(execution.error, file=sys.stderr)
            yield execution


def hash_of(*names: str) -> str:
    """Hash the files with these names, or below them, and the Python that reads them."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in names:
        path = ROOT / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def drop_if_changed(folder: Path, key: str) -> None:
    """Remove a folder that was made under another key, and note the new one beside it."""
    note = folder.with_name(folder.name + ".key")
    if not note.is_file() or note.read_text() != key:
        shutil.rmtree(folder, ignore_errors=True)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(key)


def execution_key(path: Path) -> str:
    """Hash what an execution of a chapter depends on beside its cells: imported code, data, lock, Python."""
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    code = hash_of_code(code_reached(cells, ROOT), ROOT)
    return hashlib.sha256((code + hash_of("data", "requirements.txt")).encode()).hexdigest()


def cached_record(cache: JupyterCacheBase, path: Path) -> dict[str, Any] | None:
    """Return what was noted with a notebook's cached execution, or None if its code is not in the cache."""
    try:
        return cache.match_cache_notebook(nbformat.read(path, as_version=4)).data
    except KeyError:
        return None


def cached_execution(cache: JupyterCacheBase, path: Path) -> Execution | None:
    """Return the cached execution of a notebook, or None when its code cells are not in the cache."""
    if (record := cached_record(cache, path)) is None:
        return None
    _, executed = cache.merge_match_into_notebook(nbformat.read(path, as_version=4))
    return Execution(path, executed, record["execution_seconds"], record["processor_seconds"])


def cache_execution(cache: JupyterCacheBase, execution: Execution) -> None:
    """Put an execution where the book's build looks for it."""
    data = {
        "execution_seconds": execution.seconds,
        "processor_seconds": execution.processor_seconds,
        "key": execution_key(execution.path),
        "cached_at": time.time(),
    }
    bundle = CacheBundleIn(execution.notebook, str(execution.path), data=data)
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def must_be_executed(cache: JupyterCacheBase, path: Path) -> bool:
    """Say whether a chapter's own code, or what it depends on, is another than when it was cached."""
    record = cached_record(cache, path)
    return record is None or record.get("key") != execution_key(path)


def fill_cache() -> bool:
    """Execute the chapters that must be executed; return whether all went well."""
    cache, good = open_cache(), True
    for execution in execute_all([path for path in chapters() if must_be_executed(cache, path)]):
        if execution.error:
            good = False
        else:
            cache_execution(cache, execution)
    return good


def drop_doctrees_of_other_hooks() -> None:
    """Have Sphinx read every page again if the hooks or the lock changed: it looks at the pages only."""
    drop_if_changed(BUILD / ".doctrees", hash_of("_ext", "requirements.txt"))


def adopt_verified(report: Path) -> None:
    """Cache the committed chapters of which nbval has executed every code cell and found no difference."""
    passed: dict[str, list[float]] = {}
    processor_seconds: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        chapter = case.get("classname", "").removeprefix("chapters.").removesuffix(".ipynb")
        if not any(child.tag in ("failure", "error", "skipped") for child in case):
            passed.setdefault(chapter, []).append(float(case.get("time", 0)))
        for note in case.iterfind("properties/property[@name='processor_seconds']"):  # by conftest.py
            processor_seconds[chapter] += float(note.get("value", 0))
    cache = open_cache()
    for path in chapters():
        notebook = nbformat.read(path, as_version=4)
        seconds = passed.get(path.stem, [])
        if len(seconds) == sum(cell.cell_type == "code" for cell in notebook.cells):
            execution = Execution(path, notebook, sum(seconds), processor_seconds[path.stem])
            cache_execution(cache, execution)


def print_cost() -> bool:
    """Print the processor seconds of each cached execution; return whether all are within limits."""
    cache, good = open_cache(), True
    for path in chapters():
        limit = DEARER_CHAPTERS.get(path.stem[:2], PROCESSOR_SECONDS)
        record = cached_record(cache, path)
        spent = record["processor_seconds"] if record else 0.0
        remark = "" if 0 < spent <= limit else "  too much" if spent else "  not measured: run `make book`"
        good = good and not remark
        print(f"{path.stem:40} {spent:6.1f} of {limit} processor seconds{remark}")
    return good


def clean(notebook: NotebookNode) -> NotebookNode:
    """Reduce a notebook, in place, to what belongs under version control."""
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{number:03d}")
        kept = {name: cell.metadata[name] for name in KEPT_CELL_METADATA if name in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return notebook


def refresh_in_place(paths: list[Path]) -> bool:
    """Execute notebooks and write them back with clean metadata; return whether all went well."""
    good = True
    for execution in execute_all(paths):
        if execution.error:
            good = False
        else:
            nbformat.write(clean(execution.notebook), execution.path)
    return good


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("cache")
    actions.add_parser("cost")
    actions.add_parser("verified").add_argument("report", type=Path)
    actions.add_parser("inplace").add_argument(
        "notebooks", nargs="*", type=Path, help="default: all chapters"
    )
    arguments = parser.parse_args()
    good = True
    if arguments.action == "cache":
        drop_doctrees_of_other_hooks()
        good = fill_cache()
    elif arguments.action == "cost":
        good = print_cost()
    elif arguments.action == "verified":
        adopt_verified(arguments.report)
    else:
        good = refresh_in_place([path.resolve() for path in arguments.notebooks] or chapters())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
