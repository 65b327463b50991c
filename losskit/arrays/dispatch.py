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
    names = [framework_of(array) for array in arrays]
    frameworks = {name for name in names if name is not None}
    if "autograd" in frameworks:
        frameworks.discard("numpy")
    if "keras" in frameworks:
        frameworks.discard(sys.modules["keras"].config.backend())  # its variables hold the backend's own arrays
    if not frameworks:
        frameworks = {"numpy"}
    if len(frameworks) > 1:
        received = ", ".join(f"{type(array).__qualname__} ({framework_of(array)})" for array in arrays)
        raise TypeError(
            f"expected arrays of one framework, received {received}; "
            "convert them first, e.g. torch.as_tensor(target, device=prediction.device)"
        )
    return _vocabulary(frameworks.pop())


def _vocabulary(framework: str) -> Vocabulary:
    if framework == "numpy":
        from losskit.arrays.numpy import xp
    elif framework == "autograd":
        from losskit.arrays.autograd import xp
    elif framework == "torch":
        from losskit.arrays.torch import xp
    elif framework == "jax":
        from losskit.arrays.jax import xp
    else:
        from losskit.arrays.keras import keras, xp

        backend = keras.config.backend()
        if framework == "tensorflow" and backend != "tensorflow":
            raise TypeError(
                f"expected arrays of Keras's {backend} backend, received TensorFlow's; "
                "set KERAS_BACKEND=tensorflow in the environment before Keras is imported"
            )
    return xp
