"""The files of the data folder, read only after their SHA-256 was compared."""

import hashlib
import io
from pathlib import Path

import pandas as pd


def data_folder() -> Path:
    """Return the folder of the data files: inside an installed package, beside the package in a clone."""
    package = Path(__file__).parent.parent
    installed = package / "_data"
    return installed if installed.is_dir() else package.parent / "data"


def read_table(name: str) -> pd.DataFrame:
    """Read a CSV file of the data folder after comparing its SHA-256 with the one in ``SHA256SUMS``."""
    path = data_folder() / name
    restore = f"Restore it: git checkout -- data/{name} in a clone, otherwise reinstall the package."
    expected = _expected_sha256(path, restore)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing (expected SHA-256 {expected}, found no file). {restore}")
    # Git on Windows may have turned line ends into CRLF; the data are the same.
    content = path.read_bytes().replace(b"\r\n", b"\n")
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ValueError(f"{path} is damaged: expected SHA-256 {expected}, found {found}. {restore}")
    return pd.read_csv(io.BytesIO(content))


def _expected_sha256(path: Path, restore: str) -> str:
    """Look up the SHA-256 of a data file in the ``SHA256SUMS`` beside it."""
    sums = path.with_name("SHA256SUMS")
    if not sums.is_file():
        raise FileNotFoundError(f"{sums} is missing. {restore.replace(path.name, sums.name)}")
    by_name = {name: digest for digest, name in map(str.split, sums.read_text().splitlines())}
    if path.name not in by_name:
        raise ValueError(f"{sums} has no line for {path.name}. {restore.replace(path.name, sums.name)}")
    return by_name[path.name]
