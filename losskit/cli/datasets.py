"""DATA on the command line: a file with a target column, or a named data set."""

from __future__ import annotations

from losskit.data import NAMED, DataError, Dataset, named, read_table


def load(data: str, target: str | None) -> Dataset:
    """The data set. Raises DataError, which says what was expected."""
    if data in NAMED:
        if target is not None:
            raise DataError(f"--target: the data set {data} has its own target; leave --target out")
        return named(data)
    if target is None:
        raise DataError(f"--target: name the column of {data} to predict")
    return read_table(data, target)
