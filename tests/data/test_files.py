import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from course_utils import data
from course_utils.data import files

REPOSITORY = Path(data.__file__).parent.parent.parent


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """A copy of the data folder that a test may damage."""
    folder = shutil.copytree(REPOSITORY / "data", tmp_path / "data")
    monkeypatch.setattr(files, "data_folder", lambda: folder)
    return folder


def test_every_data_file_has_its_digest():
    lines = (REPOSITORY / "data" / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in map(str.split, lines)}
    files = {path.name: path for path in (REPOSITORY / "data").glob("*.csv")}
    assert set(listed) == set(files)
    for name, path in files.items():
        assert listed[name] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_damaged_file_is_refused(data_folder):
    path = data_folder / "blobs.csv"
    intact = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes().replace(b"0.7", b"0.8", 1))
    damaged = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(
        ValueError, match=f"blobs.csv is damaged: expected SHA-256 {intact}, found {damaged}"
    ) as error:
        data.load_blobs()
    assert "git checkout -- data/blobs.csv" in str(error.value)
    assert "reinstall" in str(error.value)


def test_missing_file_is_named(data_folder):
    (data_folder / "blobs.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"blobs\.csv is missing .*found no file.*git checkout"):
        data.load_blobs()


def test_missing_digests_are_named(data_folder):
    (data_folder / "SHA256SUMS").unlink()
    with pytest.raises(FileNotFoundError, match=r"SHA256SUMS is missing.*git checkout -- data/SHA256SUMS"):
        data.load_blobs()


def test_missing_digest_line_is_named(data_folder):
    (data_folder / "SHA256SUMS").write_text("")
    with pytest.raises(ValueError, match=r"SHA256SUMS has no line for blobs\.csv"):
        data.load_blobs()


def test_windows_line_ends_are_no_damage(data_folder):
    blobs = data.load_blobs()
    path = data_folder / "blobs.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    np.testing.assert_array_equal(data.load_blobs().x_train, blobs.x_train)


def test_installed_package_carries_its_data(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "__file__", str(tmp_path / "course_utils" / "data" / "files.py"))
    assert files.data_folder() == tmp_path / "data"
    (tmp_path / "course_utils" / "_data").mkdir(parents=True)
    assert files.data_folder() == tmp_path / "course_utils" / "_data"
