"""Which framework do these arrays belong to?"""

from __future__ import annotations

import sys
from typing import Any

from losskit.arrays.compounds import Vocabulary

_FRAMEWORK_OF_PACKAGE = {
    "numpy": "numpy",
    "autograd": "autograd",
    "torch": "torch",
    "jax": "jax",
    "jaxlib": "jax",
    "tensorflow": "tensorflow",
    "keras": "keras",
}


def framework_of(array: Any) -> str | None:
    """The framework an array belongs to; None for None and Python numbers, which go with any.

    The class's own package tells, so nothing is imported to find out.
    """
    if array is None or isinstance(array, (bool, int, float)):
        return None
    if isinstance(array, (list, tuple)):
        return "numpy"
    for base in type(array).__mro__:
        framework = _FRAMEWORK_OF_PACKAGE.get(base.__module__.partition(".")[0])
        if framework is not None:
            if base.__name__ == "KerasTensor":  # its == compares identities, so formulas would be silently wrong
                raise TypeError(
                    "expected an array with values, received a symbolic KerasTensor; "
                    "give the loss to Model.compile, or compute it in a Layer's call"
                )
            return framework
    raise TypeError(
        f"expected an array of NumPy, PyTorch, JAX, TensorFlow or Keras, received {type(array).__qualname__}; "
        "pass numpy.asarray(…) of it"
    )


def namespace(*arrays: Any) -> Vocabulary:
    """The vocabulary of the framework that all arrays belong to.

    Lists and tuples are NumPy's; Python numbers and None go with any framework.

    Raises:
        TypeError: the arrays come from different frameworks, or from none that is known.
    """
    # Neither torch.compile (a walrus) nor TensorFlow's AutoGraph (map) reads this written shorter.
    found = None
    for array in arrays:
        framework = framework_of(array)
        if framework is not None and framework != found:
            found = framework if found is None else _common(found, framework, arrays)
    return _vocabulary(found or "numpy")


def _common(one: str, other: str, arrays: tuple[Any, ...]) -> str:
    """The framework that goes with both."""
    pair = {one, other}
    if pair == {"numpy", "autograd"}:
        return "autograd"
    if "keras" in pair and sys.modules["keras"].config.backend() in pair:  # its variables hold the backend's own arrays
        return "keras"
    received = ", ".join(f"{type(array).__qualname__} ({framework_of(array)})" for array in arrays)
    raise TypeError(
        f"expected arrays of one framework, received {received}; "
        "convert them first, e.g. torch.as_tensor(target, device=prediction.device)"
    )


def _vocabulary(framework: str) -> Vocabulary:
    # `import … as`, which costs a third of `from … import` where the module is there already.
    if framework == "numpy":
        import losskit.arrays.numpy as chosen
    elif framework == "autograd":
        import losskit.arrays.autograd as chosen
    elif framework == "torch":
        import losskit.arrays.torch as chosen
    elif framework == "jax":
        import losskit.arrays.jax as chosen
    else:
        import losskit.arrays.keras as chosen

        backend = chosen.keras.config.backend()
        if framework == "tensorflow" and backend != "tensorflow":
            raise TypeError(
                f"expected arrays of Keras's {backend} backend, received TensorFlow's; "
                "set KERAS_BACKEND=tensorflow in the environment before Keras is imported"
            )
    return chosen.xp
