"""What passes by in Keras, as NumPy arrays the way a Recording has them: values, batches one after the other, classes
on axis 1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from losskit.doctor.probe.samples import rows


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


def first_pair(inputs: Any, target: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """The rows of the first input with those of the first target; None without one of them."""
    from keras import tree

    both = [next((leaf for leaf in tree.flatten(one) if hasattr(leaf, "shape")), None) for one in (inputs, target)]
    if any(one is None or len(one.shape) == 0 for one in both):
        return None
    return rows(array_of(both[0])), array_of(both[1])


def several(inputs: Any) -> bool:
    from keras import tree

    return len(tree.flatten(inputs)) > 1


def unpacked(batch: Any) -> tuple[Any, Any, Any]:
    """(inputs, target, weight) of a batch."""
    from keras.utils import unpack_x_y_sample_weight

    return unpack_x_y_sample_weight(batch)


def row_count(prediction: Any) -> int:
    from keras import tree

    shape = tree.flatten(prediction)[0].shape
    return int(shape[0]) if len(shape) else 0


def size(prediction: Any) -> int:
    """Entries of all outputs together."""
    from keras import tree

    return sum(math.prod(tuple(one.shape)) for one in tree.flatten(prediction))


def of_prediction(prediction: np.ndarray) -> Iterator[tuple[str, float]]:
    values = prediction.astype(np.float64)
    yield "prediction/mean", float(values.mean())
    yield "prediction/std", float(values.std())
    yield "prediction/constant", float(len(values) > 1 and bool((values == values[:1]).all()))


__all__ = [
    "array_of",
    "at",
    "broadcasts",
    "classes_first",
    "first_pair",
    "joined",
    "labels",
    "of_prediction",
    "row_count",
    "several",
    "size",
    "unpacked",
]
