"""Run each chapter as a reader in Colab does: alone in an empty folder, in an environment like Colab's.

``python _ext/colab.py PYTHON [NOTEBOOK ...]`` makes the environment of ``.ci/colab.txt``, once, with that
Python. The set-up cell runs unchanged: git is told to fetch the repository's address from a snapshot of this
working tree. Each chapter has the environment to itself: what one installs, the next one does not find.
Before that, the regularizers' tests run with the Keras of that environment, which no chapter has upgraded:
penalties must mean the same there. It fails if a test fails, if a verdict was reversed, if one is missing, or
if a chapter raised.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from execution import BUILD, ROOT, chapters, drop_if_changed, execute_all, hash_of
from redraw import report

PINS = ".ci/colab.txt"
TEST_PACKAGES = ("pytest", "hypothesis")
PIP_INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
COLAB = BUILD / "colab"
BASE = COLAB / "base"  # as Colab has it; never changed
SNAPSHOT = COLAB / "snapshot.git"
TESTS = COLAB / "tests"  # an environment on top of that, with what tests need
READERS = COLAB / "readers"  # one folder for each chapter, made afresh
AUTHOR = {f"GIT_{role}_{what}": "snapshot" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def run(*command: str | Path, **more_environment: str) -> str:
    """Run a command in the repository and return what it printed; its failure is ours."""
    environment = os.environ | more_environment
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def make_base(python: str) -> None:
    """Install the pinned packages, unless it was done."""
    version = run(python, "--version")
    drop_if_changed(BASE, hash_of(PINS) + version)
    if not (BASE / "ready").is_file():
        print(f"Making Colab's environment with {version} in {BASE}", flush=True)
        run(python, "-m", "venv", "--clear", BASE)
        run(BASE / "bin" / "python", *PIP_INSTALL, "--requirement", PINS)
        (BASE / "ready").touch()


def take_snapshot() -> None:
    """Put the working tree, with all that git does not ignore, into a repository of one commit."""
    shutil.rmtree(SNAPSHOT, ignore_errors=True)
    run("git", "init", "--quiet", "--bare", "--initial-branch=main", SNAPSHOT)
    index = {"GIT_INDEX_FILE": str(COLAB / "index")}  # the user's own stays as it is
    run("git", "add", "--all", **index)
    commit = run("git", "commit-tree", run("git", "write-tree", **index), "-m", "snapshot", **AUTHOR)
    run("git", "push", "--quiet", SNAPSHOT, f"{commit}:refs/heads/main")


def on_top_of_base(environment: Path) -> Path:
    """Make an environment whose own packages come before those of the base; return its folder of packages."""
    run(BASE / "bin" / "python", "-m", "venv", "--without-pip", "--clear", environment)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "colab.pth").write_text(str(BASE / packages.relative_to(environment)))
    return packages


def penalties_mean_the_same() -> bool:
    """Whether the regularizers' tests pass with the Keras of the base."""
    packages = on_top_of_base(TESTS)
    run(BASE / "bin" / "python", *PIP_INSTALL, "--target", packages, *TEST_PACKAGES)
    python, quiet = TESTS / "bin" / "python", ("-q", "-p", "no:cacheprovider")
    version = run(python, "-c", "import keras; print(keras.__version__)")
    print(f"The regularizers' tests with Keras {version}:", flush=True)
    tests = [python, "-m", "pytest", "tests/test_regularizers.py", "course_utils/regularizers.py", *quiet]
    return subprocess.run(tests, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}).returncode == 0


def make_reader(chapter: str) -> None:
    """Make a chapter's empty folder, and a kernel with an environment of its own."""
    reader, environment = READERS / chapter, READERS / chapter / "environment"
    (reader / "folder").mkdir(parents=True)
    on_top_of_base(environment)
    kernel = COLAB / "kernels" / chapter
    kernel.mkdir(parents=True)
    arguments = [str(environment / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    specification = {"argv": arguments, "display_name": chapter, "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(specification))


def repository() -> str:
    """Return the address from which a reader's set-up cell installs the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"]


def surroundings() -> dict[str, str]:
    """Return the environment variables that lead Jupyter to the kernels and git to the snapshot."""
    return {
        "JUPYTER_PATH": str(COLAB),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{SNAPSHOT.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": repository(),
    }


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("python", help="a Python 3.12")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all chapters")
    arguments = parser.parse_args()
    if shutil.which(arguments.python) is None:
        parser.error(
            f"{arguments.python} is not installed. Colab has Python 3.12: make COLAB_PYTHON=... test-colab"
        )
    paths = [path.resolve() for path in arguments.notebooks] or chapters()
    make_base(arguments.python)
    take_snapshot()
    for folder in (READERS, COLAB / "kernels"):
        shutil.rmtree(folder, ignore_errors=True)
    for path in paths:
        make_reader(path.stem)
    for name in ("COURSE_UTILS_STRICT", "COURSE_UTILS_DRAWS_SHIFT", "PYTHONPATH"):
        os.environ.pop(name, None)  # a reader has none of these
    if not penalties_mean_the_same():
        return 1
    os.environ.update(surroundings())
    good, _ = report(execute_all(paths, lambda path: (READERS / path.stem / "folder", path.stem)))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
