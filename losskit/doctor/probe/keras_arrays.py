"""What passes by in Keras, as NumPy arrays the way a Recording has them: values, batches one after the other, classes
on axis 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def array_of(value: Any) -> np.ndarray:
    """The values of a variable or tensor; a bfloat16 one as float32."""
    if isinstance(value, np.ndarray):
        return value
    if hasattr(value, "detach") and str(value.dtype) != "torch.bfloat16":
        return value.detach().cpu().numpy()
    if type(value).__module__.startswith(("jaxlib.", "tensorflow.")):
        array = np.asarray(value)  # eight times as fast as by way of Keras, which matters once per step
    else:
        from keras import ops

        array = np.asarray(ops.convert_to_numpy(value))
    return array.astype(np.float32) if array.dtype.kind == "V" or array.dtype.name == "bfloat16" else array


def joined(pairs: list[tuple[Any, Any]]) -> tuple[np.ndarray, np.ndarray] | None:
    """Predictions and targets of several batches, one after the other; None when there is nothing to compare."""
    if any(not hasattr(one, "shape") or len(one.shape) == 0 for pair in pairs for one in pair):
        return None
    predictions, targets = zip(*((array_of(p), array_of(t)[: len(p)]) for p, t in pairs), strict=True)
    if len({p.shape[1:] for p in predictions}) > 1 or len({t.shape[1:] for t in targets}) > 1:
        return predictions[-1], targets[-1]
    return np.concatenate(predictions), np.concatenate(targets)


def at(path: Iterable[Any], structure: Any) -> Any:
    for key in path:
        structure = structure[key]
    return structure


def classes_first(array: np.ndarray, rank: int) -> np.ndarray:
    """Keras has the classes on the last axis, a Recording on axis 1."""
    return np.moveaxis(array, -1, 1) if array.ndim == rank > 2 else array


def labels(prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The target as the task metric reads it: Keras takes class indices of any dtype."""
    indices = target.size * prediction.shape[-1] == prediction.size and prediction.shape[-1] > 1
    if indices and target.dtype.kind == "f" and bool((target == np.floor(target)).all()):
        target = target.astype(np.int64)
    return classes_first(target, prediction.ndim)


def broadcasts(prediction: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether the shapes still differ after Keras has squeezed or added a last axis of size 1."""
    if len(prediction) == len(target) + 1 and prediction[-1] == 1:
        prediction = prediction[:-1]
    elif len(target) == len(prediction) + 1 and target[-1] == 1:
        target = target[:-1]
    return prediction != target


__all__ = ["array_of", "at", "broadcasts", "classes_first", "joined", "labels"]
