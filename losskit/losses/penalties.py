"""Penalties on parameters: L1, L2, elastic net, and the distance from a reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from losskit.arrays import namespace
from losskit.core.errors import ShapeError
from losskit.core.penalty import Penalty, parameter_list

__all__ = ["L1", "L2", "ElasticNet", "ParameterDistance"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class L1(Penalty):
    """Sum of magnitudes: R(θ) = Σ|θ|. Drives parameters to exactly 0 (lasso).

    The subgradient at 0 is 0. Source: Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x.
    """

    def formula(self, xp: Any, parameter: Array) -> Array:
        return xp.sum(xp.abs(parameter))


@dataclass(frozen=True, kw_only=True)
class L2(Penalty):
    """Half the sum of squares: R(θ) = ½ Σθ². Its gradient is θ, so λ·L2() is weight decay λ under plain SGD.

    keras.regularizers.L2(λ) is λΣθ² = 2λ·L2(). Source: Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634.
    """

    def formula(self, xp: Any, parameter: Array) -> Array:
        return xp.sum(parameter * parameter) / 2


@dataclass(frozen=True, kw_only=True)
class ElasticNet(Penalty):
    """A mixture of both: R(θ) = ratio · Σ|θ| + (1 − ratio) · ½ Σθ², ratio in [0, 1], as scikit-learn's `l1_ratio`.

    Source: Zou & Hastie 2005, doi:10.1111/j.1467-9868.2005.00503.x.
    """

    ratio: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.ratio <= 1:
            raise ValueError(f"ratio: expected a number in [0, 1], got {self.ratio}")

    def formula(self, xp: Any, parameter: Array) -> Array:
        return self.ratio * L1().formula(xp, parameter) + (1 - self.ratio) * L2().formula(xp, parameter)


@dataclass(frozen=True, kw_only=True, eq=False)
class ParameterDistance(Penalty):
    """Half the squared distance from a reference: R(θ) = ½ ‖θ − θ*‖².

    reference: θ*, arrays of the parameters' shapes in their order (an iterable or a dict); it takes no gradient. Keeps
    a fine-tuned model near where it started (L2-SP: Li, Grandvalet & Davoine 2018, arXiv:1802.01483).
    Raises ShapeError where the two do not fit. Compared by identity: it holds arrays.
    """

    reference: Any = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reference", tuple(parameter_list(self.reference)))

    def __call__(self, parameters: Any) -> Array:
        arrays = parameter_list(parameters)
        if len(arrays) != len(self.reference):
            raise ShapeError(f"parameters: expected {len(self.reference)} arrays as in reference, got {len(arrays)}")
        total: Any = 0.0
        for position, (parameter, reference) in enumerate(zip(arrays, self.reference, strict=True)):
            xp = namespace(parameter, reference)
            if xp.shape(parameter) != xp.shape(reference):
                raise ShapeError(
                    f"parameters[{position}]: expected shape {xp.shape(reference)} as in reference, "
                    f"got {xp.shape(parameter)}"
                )
            total = total + L2().formula(xp, parameter - xp.stop_gradient(reference))
        return total
