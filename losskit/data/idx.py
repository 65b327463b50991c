"""The IDX format of MNIST and its relatives, plain or gzipped."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

from losskit.data.errors import DataError


def read_idx(path: str | Path) -> np.ndarray:
    """An array of bytes from an IDX file. Raises DataError where it is not one."""
    path = Path(path)
    with gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb") as file:
        content = file.read()
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != 8:
        raise DataError(f"{path}: expected an IDX file of unsigned bytes")
    axes = content[3]
    shape = struct.unpack(f">{axes}I", content[4 : 4 + 4 * axes])
    values = np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * axes)
    if values.size != np.prod(shape):
        raise DataError(
            f"{path}: expected {int(np.prod(shape))} bytes for shape {shape}, got {values.size}; is it cut off?"
        )
    return values.reshape(shape)
