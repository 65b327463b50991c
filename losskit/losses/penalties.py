"""Penalties on parameters: their size, alone or by groups, singular values, the distance from a reference."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from losskit.arrays import namespace
from losskit.core.errors import ShapeError
from losskit.core.penalty import Penalty, parameter_list
from losskit.losses.similarity import direction, length

__all__ = ["L1", "L2", "ElasticNet", "GroupLasso", "Orthogonality", "ParameterDistance", "SpectralNorm"]

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


def of_units(xp: Any, parameter: Array, axis: int, value: Callable[[Array], Array]) -> Array:
    """The value of an array seen as a matrix with a row for each unit, which `axis` counts; 0 of a vector (a bias).

    Axis 0 is right for PyTorch's weights (outputs first), −1 for Keras's and Flax's kernels (outputs last).
    """
    if len(xp.shape(parameter)) < 2:
        return xp.sum(xp.zeros_like(parameter))
    rows = xp.swapaxes(parameter, axis, 0)
    return value(xp.reshape(rows, (xp.shape(rows)[0], -1)))


@dataclass(frozen=True, kw_only=True)
class GroupLasso(Penalty):
    """Lengths of groups: R(θ) = Σ √m ‖θ_g‖, a group of m numbers for each unit. Drives whole units to exactly 0.

    axis: which axis counts the groups: with PyTorch's (outputs, inputs, …) 0 prunes outputs and 1 inputs; with Keras's
    (…, inputs, outputs) −1 prunes outputs. Arrays with fewer than two axes count 0. The derivative of a length at 0 is
    taken as 0. Source: Yuan & Lin 2006, doi:10.1111/j.1467-9868.2005.00532.x; for networks: Wen et al. 2016,
    arXiv:1608.03665.
    """

    axis: int = 0

    def formula(self, xp: Any, parameter: Array) -> Array:
        def value(rows: Array) -> Array:
            return xp.sum(length(xp, rows)) * math.sqrt(xp.shape(rows)[1])

        return of_units(xp, parameter, self.axis, value)


@dataclass(frozen=True, kw_only=True)
class Orthogonality(Penalty):
    """How far a matrix is from having orthonormal rows: R(θ) = ‖WWᵀ − I‖² (Frobenius), or columns, of which are fewer.

    Keeps singular values at 1, so that signals and gradients neither grow nor fade. axis: which axis counts the units:
    0 for PyTorch's weights, −1 for Keras's kernels; the others are one row. Arrays with fewer than two axes count 0.
    Source: Brock et al. 2016, arXiv:1609.07093; Bansal, Chen & Wang 2018, arXiv:1810.09102 (soft orthogonality).
    keras.regularizers.OrthogonalRegularizer normalises the rows first, and averages their products' magnitudes.
    """

    axis: int = 0

    def formula(self, xp: Any, parameter: Array) -> Array:
        def value(rows: Array) -> Array:
            units, inputs = xp.shape(rows)
            across = xp.swapaxes(rows, 0, 1)
            products = xp.matmul(rows, across) if units <= inputs else xp.matmul(across, rows)
            count = min(units, inputs)
            identity = xp.one_hot(xp.arange(count, like=rows), count, dtype=rows)
            return xp.sum(xp.square(products - identity))

        return of_units(xp, parameter, self.axis, value)


@dataclass(frozen=True, kw_only=True)
class SpectralNorm(Penalty):
    """Half the square of the largest singular value: R(θ) = ½ σ₁(W)². Bounds how much a layer can amplify.

    σ₁ is found by power iteration from a fixed start: from below, to a relative error of about (σ₂/σ₁)^(2·iterations);
    the gradient is that of uᵀWv with the vectors u and v held fixed, which at the end is exact. axis: which axis counts
    the units: 0 for PyTorch's weights, −1 for Keras's kernels. Arrays with fewer than two axes count 0.
    Source: Yoshida & Miyato 2017, arXiv:1705.10941.
    """

    axis: int = 0
    iterations: int = 20

    def __post_init__(self) -> None:
        if not isinstance(self.iterations, int) or self.iterations < 1:
            raise ValueError(f"iterations: expected a whole number >= 1, got {self.iterations!r}")

    def formula(self, xp: Any, parameter: Array) -> Array:
        return of_units(xp, parameter, self.axis, lambda rows: xp.square(self._largest(xp, rows)) / 2)

    def _largest(self, xp: Any, rows: Array) -> Array:
        """The largest singular value."""
        fixed = xp.stop_gradient(rows)
        across = xp.swapaxes(fixed, 0, 1)
        # Cosines of whole numbers: a start that no structure of a weight is orthogonal to.
        right = xp.cos(xp.cast(xp.arange(xp.shape(rows)[1], like=rows), fixed))
        left = _unit(xp, xp.sum(fixed * right, axis=1))
        for _ in range(self.iterations):
            right = _unit(xp, xp.sum(across * left, axis=1))
            left = _unit(xp, xp.sum(fixed * right, axis=1))
        return xp.sum(rows * (xp.expand_dims(left, 1) * right))


def _unit(xp: Any, vector: Array) -> Array:
    """The vector's direction; 0 for 0."""
    return direction(xp, vector)[0]


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
