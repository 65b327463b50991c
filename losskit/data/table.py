"""CSV and Parquet files: columns to numbers, and the target column to a task."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from losskit.data.dataset import Dataset, Task
from losskit.data.errors import DataError

# pandas' own annotations make every column a union of all it could be; here a frame is a frame, a column a column.
Frame = Any
Column = Any

MOST_CATEGORIES = 50  # a text column with more different values is no category: names, free text, identifiers
MOST_CLASSES = 20  # whole numbers with more different values are amounts


def read_table(path: str | Path, target: str) -> Dataset:
    """Read a CSV or Parquet file and make every column numeric.

    Numbers stay; missing ones become the column's median. Text and categories become one column per value, booleans 0
    and 1, dates days. Constant columns and text with more than 50 different values are dropped. Rows without a target
    are dropped. Each of these is noted in the Dataset. Raises DataError.
    """
    frame = _read(Path(path))
    if target not in frame.columns:
        raise DataError(f"--target: expected one of the columns {_listed(frame.columns)}, got {target!r}")
    notes: list[str] = []
    missing = frame[target].isna()
    if missing.all():
        raise DataError(f"target {target!r}: every value is missing")
    if missing.any():
        notes.append(f"{int(missing.sum())} rows without a target were dropped")
        frame = frame[~missing]
    targets, task, classes, why = _target(frame[target], target)
    columns = _columns(frame.drop(columns=[target]), notes)
    if not columns:
        raise DataError(f"{path}: no usable column is left besides the target {target!r}")
    inputs = np.column_stack(list(columns.values())).astype(np.float32)
    return Dataset(Path(path).stem, inputs, targets, task, why, tuple(columns), classes, tuple(notes))


def _read(path: Path) -> Frame:
    import pandas as pd

    if not path.exists():
        raise DataError(
            f"{path}: no such file; named data sets: boston, breast_cancer, diabetes, digits, mnist, fashion_mnist"
        )
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            frame = pd.read_parquet(path)
        else:
            separator = "\t" if path.suffix.lower() == ".tsv" else None  # None: commas or semicolons, whichever it is
            frame = pd.read_csv(path, sep=separator, engine="python" if separator is None else "c")
    except (ValueError, OSError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: expected a CSV or Parquet table: {error}") from error
    if frame.empty:
        raise DataError(f"{path}: the table has a header and no rows")
    return frame


def _target(column: Column, name: str) -> tuple[np.ndarray, Task, tuple[str, ...], str]:
    """The target as numbers, and the task it states."""
    import pandas as pd

    distinct = column.nunique()
    if distinct < 2:
        raise DataError(f"target {name!r}: expected at least two different values, got only {str(column.iloc[0])!r}")
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if not numeric:
        if distinct > max(MOST_CLASSES, len(column) // 10):
            raise DataError(
                f"target {name!r}: {distinct} different texts in {len(column)} rows are neither classes nor numbers; "
                "fix: choose another --target, or convert the column to numbers"
            )
        return _classes(column, f"{name} holds {distinct} different values that are not numbers")
    values = column.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise DataError(
            f"target {name!r}: {int((~np.isfinite(values)).sum())} values are infinite; fix: remove those rows"
        )
    whole = bool((values == np.round(values)).all())
    if distinct == 2:
        return _classes(column, f"{name} has two different values")
    if whole and distinct <= MOST_CLASSES and distinct <= len(column) // 10:
        return _classes(column, f"{name} holds {distinct} different whole numbers")
    task: Task = "counts" if whole and values.min() >= 0 and distinct <= 1000 and values.max() <= 1e4 else "regression"
    kind = "whole numbers from 0 on" if task == "counts" else f"numbers from {values.min():g} to {values.max():g}"
    return values.astype(np.float32), task, (), f"{name} holds {distinct} different {kind}"


def _classes(column: Column, why: str) -> tuple[np.ndarray, Task, tuple[str, ...], str]:
    names, indices = np.unique(column.astype(str).to_numpy(dtype=str), return_inverse=True)
    try:  # classes that are numbers keep the numbers' order: 2 before 10
        order = np.argsort(names.astype(float), kind="stable")
        indices, names = np.argsort(order)[indices], names[order]
    except ValueError:
        pass
    counts = np.bincount(indices)
    if counts.min() < 3:
        rare = str(names[int(counts.argmin())])
        raise DataError(
            f"class {rare!r} has {counts.min()} rows; training, validation and test need at least one each; "
            "fix: merge rare classes, or collect more rows"
        )
    task: Task = "binary" if len(names) == 2 else "multiclass"
    return indices.astype(np.int64), task, tuple(map(str, names)), why


def _columns(frame: Frame, notes: list[str]) -> dict[str, np.ndarray]:
    import pandas as pd

    columns: dict[str, np.ndarray] = {}
    dropped: dict[str, list[str]] = {}
    for name in frame.columns:
        column = frame[name]
        if column.nunique(dropna=True) == 0:
            dropped.setdefault("holds no value", []).append(str(name))
        elif column.nunique(dropna=False) == 1:
            dropped.setdefault("is constant", []).append(str(name))
        elif pd.api.types.is_datetime64_any_dtype(column):
            columns[str(name)] = _filled(column.astype("int64").where(column.notna()) / 8.64e13, str(name), notes)
        elif pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns[str(name)] = _filled(column.astype("float64"), str(name), notes)
        elif column.nunique() <= MOST_CATEGORIES:
            for value in sorted(column.dropna().astype(str).unique()):
                columns[f"{name}={value}"] = (column.astype(str) == value).to_numpy(dtype=np.float64)
            if column.isna().any():
                columns[f"{name} missing"] = column.isna().to_numpy(dtype=np.float64)
        else:
            dropped.setdefault(f"is text with more than {MOST_CATEGORIES} different values", []).append(str(name))
    notes += [f"column {', '.join(names)} {why}: dropped" for why, names in dropped.items()]
    return columns


def _filled(column: Column, name: str, notes: list[str]) -> np.ndarray:
    values = column.to_numpy(dtype=np.float64, copy=True)
    bad = ~np.isfinite(values)
    if bad.any():
        median = float(np.median(values[~bad])) if (~bad).any() else 0.0
        notes.append(f"column {name}: {int(bad.sum())} missing or infinite values became the median {median:g}")
        values[bad] = median
    return values


def _listed(names: Iterable[object]) -> str:
    all_names = list(map(str, names))
    return ", ".join(all_names[:20]) + (f", … ({len(all_names)} in all)" if len(all_names) > 20 else "")
