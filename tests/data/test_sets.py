"""Named data sets, and the IDX files that two of them are read from."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from losskit.data import NAMED, DataError, named
from losskit.data.idx import read_idx


def write_idx(path, array: np.ndarray) -> None:
    content = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize("end", ["", ".gz"])
def test_mnist_is_read_from_files_the_user_has(tmp_path, monkeypatch, end) -> None:
    rng = np.random.default_rng(0)
    folder = tmp_path / "mnist"
    folder.mkdir()
    for part, count in (("train", 6), ("t10k", 4)):
        write_idx(folder / f"{part}-images-idx3-ubyte{end}", rng.integers(0, 256, (count, 28, 28)))
        write_idx(folder / f"{part}-labels-idx1-ubyte{end}", np.arange(count) % 10)
    monkeypatch.setenv("LOSSKIT_DATA", str(tmp_path))
    data = named("mnist")
    assert data.inputs.shape == (10, 28, 28)
    assert data.inputs.max() <= 1
    assert data.targets.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3]


def test_an_absent_data_set_says_how_to_get_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LOSSKIT_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="LOSSKIT_DATA"):
        named("mnist")
    with pytest.raises(DataError, match="expected one of"):
        named("imagenet")


def test_broken_idx_files_are_refused(tmp_path) -> None:
    (tmp_path / "text").write_text("not an idx file")
    with pytest.raises(DataError, match="IDX"):
        read_idx(tmp_path / "text")
    write_idx(tmp_path / "cut", np.zeros((2, 3)))
    (tmp_path / "cut").write_bytes((tmp_path / "cut").read_bytes()[:-1])
    with pytest.raises(DataError, match="cut off"):
        read_idx(tmp_path / "cut")


@pytest.mark.parametrize("name", ["digits", "diabetes", "breast_cancer"])
def test_sets_that_come_with_scikit_learn(name: str) -> None:
    pytest.importorskip("sklearn")
    data = NAMED[name]()
    assert len(data.inputs) == len(data.targets) > 400
    assert data.inputs.dtype == np.float32
