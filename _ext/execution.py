"""Execute the chapters on every core: into the book's cache, or in place.

``python _ext/execution.py cache`` executes what changed, for the build that follows.
``python _ext/execution.py verified REPORT`` puts into the cache what nbval has just executed and found equal
to the committed outputs: the build need not execute it again. The report is its JUnit XML.
``python _ext/execution.py inplace [NOTEBOOK ...]`` refreshes the committed outputs.
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
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.main import JupyterCacheBase
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
CELL_TIMEOUT = 900  # seconds; the slowest cell takes a tenth of it on two cores
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
    error: str = ""


def chapters() -> list[Path]:
    """Return the paths of all chapters, in reading order."""
    return sorted((ROOT / "chapters").glob("*.ipynb"))


def open_cache() -> JupyterCacheBase:
    """Open the execution cache which the book's build reads."""
    return get_cache(BUILD / ".jupyter_cache")


def execute(path: Path) -> Execution:
    """Execute one notebook in its own folder; an exception in it is reported, not raised."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    start = time.perf_counter()
    error = ""
    try:
        client.execute(stderr=subprocess.DEVNULL)  # start-up lines only: what cells write is captured apart
    except Exception as exception:  # a dead kernel, a time-out and a raising cell all fail the chapter
        error = f"{type(exception).__name__}: {exception}"
    return Execution(path, notebook, time.perf_counter() - start, error)


def execute_all(paths: list[Path]) -> Iterator[Execution]:
    """Execute notebooks on every core and report each as it is handed on."""
    if not paths:
        return
    with ProcessPoolExecutor(max_workers=min(len(paths), os.cpu_count() or 1)) as pool:
        for execution in pool.map(execute, paths):
            print(f"{'failed  ' if execution.error else 'executed'} {execution.path.name}"
                  f" in {execution.seconds:.1f} s", flush=True)  # fmt: skip
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


def cached_execution(cache: JupyterCacheBase, path: Path) -> Execution | None:
    """Return the cached execution of a notebook, or None when its code cells are not in the cache."""
    notebook = nbformat.read(path, as_version=4)
    try:
        record = cache.match_cache_notebook(notebook)
    except KeyError:
        return None
    _, executed = cache.merge_match_into_notebook(notebook)
    return Execution(path, executed, record.data["execution_seconds"])


def cache_execution(cache: JupyterCacheBase, execution: Execution) -> None:
    """Put an execution where the book's build looks for it."""
    data = {"execution_seconds": execution.seconds}
    bundle = CacheBundleIn(execution.notebook, str(execution.path), data=data)
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def current_cache() -> JupyterCacheBase:
    """Open the cache, emptied if the package, the data or the lock changed."""
    # jupyter-cache and Sphinx look at the notebooks only; what those import and read is for us to watch.
    executed_under = hash_of("course_utils", "data", "requirements.txt")
    drop_if_changed(BUILD / ".jupyter_cache", executed_under)
    drop_if_changed(BUILD / ".doctrees", executed_under + hash_of("_ext"))
    return open_cache()


def fill_cache() -> bool:
    """Execute the chapters whose code, package, data or lock changed; return whether all went well."""
    cache, good = current_cache(), True
    for execution in execute_all([path for path in chapters() if cached_execution(cache, path) is None]):
        if execution.error:
            good = False
        else:
            cache_execution(cache, execution)
    return good


def adopt_verified(report: Path) -> None:
    """Cache the committed chapters of which nbval has executed every code cell and found no difference."""
    passed: dict[str, list[float]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        chapter = case.get("classname", "").removeprefix("chapters.").removesuffix(".ipynb")
        if len(case) == 0:  # neither a failure nor an error nor a skip
            passed.setdefault(chapter, []).append(float(case.get("time", 0)))
    cache = current_cache()
    for path in chapters():
        notebook = nbformat.read(path, as_version=4)
        seconds = passed.get(path.stem, [])
        if len(seconds) == sum(cell.cell_type == "code" for cell in notebook.cells):
            cache_execution(cache, Execution(path, notebook, sum(seconds)))


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
    actions.add_parser("verified").add_argument("report", type=Path)
    actions.add_parser("inplace").add_argument(
        "notebooks", nargs="*", type=Path, help="default: all chapters"
    )
    arguments = parser.parse_args()
    good = True
    if arguments.action == "cache":
        good = fill_cache()
    elif arguments.action == "verified":
        adopt_verified(arguments.report)
    else:
        good = refresh_in_place([path.resolve() for path in arguments.notebooks] or chapters())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
