"""Which code of the package a chapter runs: found by reading its imports, without importing anything.

A name that a package's ``__init__`` only hands on counts as the module that defines it, so a chapter that
imports one exercise's check depends on that exercise's module and not on its neighbours.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MAGIC = re.compile(r"^(\s*)[%!].*", re.MULTILINE)  # a line that only IPython understands


def code_reached(cells: Iterable[str], root: Path, package: str = "course_utils") -> set[Path]:
    """Return the files of a package, found below `root`, that code cells import or lead to."""
    search = _Search(root, package)
    search.follow(_tree_of_cells(cells))
    return search.files


def hash_of_code(files: Iterable[Path], root: Path) -> str:
    """Hash Python files by what they do: comments, docstrings and layout do not count."""
    digest = hashlib.sha256()
    for file in sorted(files):
        code = ast.dump(_without_docstrings(_tree_of_file(file)))
        digest.update(f"{file.relative_to(root).as_posix()}\0{code}\0".encode())
    return digest.hexdigest()


@dataclass
class _Search:
    """The files reached so far, below one root."""

    root: Path
    package: str
    files: set[Path] = field(default_factory=set)

    def follow(self, tree: ast.Module, home: str = "") -> None:
        """Follow every import in a piece of code; `home` is the package it lies in."""
        modules = {}  # name in this code -> the module it stands for
        for module, name, local in _imports(tree, home):
            if not f"{module}.".startswith(f"{self.package}."):
                continue
            if name and self._is_module(module, name):
                modules[local] = f"{module}.{name}"
            elif name:
                self._reach_name(module, name)
            elif local:
                modules[local] = module
            else:
                self._reach_all(module)
        for local, attribute in _uses(tree, set(modules)):
            if attribute:
                self._reach_name(modules[local], attribute)
            else:  # handed on as a whole: nobody can say what is used of it
                self._reach_all(modules[local])

    def _is_module(self, package: str, name: str) -> bool:
        """Say whether ``from package import name`` gives a module."""
        names = self._handed_on(package)
        return names is not None and name not in names and self._file(f"{package}.{name}") is not None

    def _reach_name(self, module: str, name: str) -> None:
        """Follow one name of a module to the place that defines it."""
        if self._is_module(module, name):
            self._reach_all(f"{module}.{name}")
        elif name in (names := self._handed_on(module) or {}):
            self._reach_name(*names[name])
        else:
            self._reach_all(module)

    def _reach_all(self, module: str) -> None:
        """Reach a module, or everything in a package, and what these import."""
        if (file := self._file(module)) is None:
            return
        for found in sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]:
            if found not in self.files:
                self.files.add(found)
                self.follow(_tree_of_file(found), ".".join(found.parent.relative_to(self.root).parts))

    def _handed_on(self, package: str) -> dict[str, tuple[str, str]] | None:
        """Return (module, name) behind each name of an ``__init__`` that only hands names on, else None."""
        file = self._file(package)
        if file is None or file.name != "__init__.py":
            return None
        tree = _without_docstrings(_tree_of_file(file))
        names = {local: (module, name) for module, name, local in _imports(tree, package)}
        plain = all(isinstance(statement, ast.ImportFrom) or _is_dunder(statement) for statement in tree.body)
        if not plain or "" in names:
            return None
        return {local: source for local, source in names.items() if source[0] != package}

    def _file(self, module: str) -> Path | None:
        """Return the file of a module, or None for one that is not there."""
        path = self.root.joinpath(*module.split("."))
        return next(
            (file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None
        )


def _imports(tree: ast.Module, home: str) -> Iterator[tuple[str, str, str]]:
    """Yield (module, name, local name) of each import; a name of "" stands for the module itself.

    ``import a.b`` has no local name for ``a.b``, and neither has ``from a import *``.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "", alias.asname or ""
        elif isinstance(node, ast.ImportFrom):
            above = home.split(".")[: home.count(".") + 2 - node.level] if node.level else []
            module = ".".join([*above, node.module] if node.module else above)
            for alias in node.names:
                yield (
                    (module, "", "")
                    if alias.name == "*"
                    else (module, alias.name, alias.asname or alias.name)
                )


def _uses(tree: ast.Module, names: set[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, attribute) for each ``name.attribute``, and (name, "") for any other use of a name."""
    with_attribute = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            with_attribute.add(node.value)
            yield node.value.id, node.attr
        elif isinstance(node, ast.Name) and node.id in names and node not in with_attribute:
            yield node.id, ""


def _tree_of_cells(cells: Iterable[str]) -> ast.Module:
    """Parse code cells without their magics; a cell that is no Python imports nothing."""
    body = []
    for cell in cells:
        try:
            body += ast.parse(MAGIC.sub(r"\1pass", cell)).body
        except SyntaxError:
            continue
    return ast.Module(body, type_ignores=[])


def _tree_of_file(file: Path) -> ast.Module:
    """Parse a module."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    """Take the docstrings out of a tree, in place."""
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if documented and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return tree


def _is_dunder(statement: ast.stmt) -> bool:
    """Say whether a statement only sets a name like ``__all__``."""
    return isinstance(statement, ast.Assign) and all(
        isinstance(target, ast.Name) and target.id.startswith("__") for target in statement.targets
    )
