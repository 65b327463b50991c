"""`losskit.compat.sklearn_loss`: the losses inside scikit-learn's estimators, run by losskit's formulas.

Each is a subclass of the class of the same name in `sklearn._loss.loss` (private to scikit-learn, and taken by
HistGradientBoosting's loss=): ranges, links and intercepts are scikit-learn's. What its Cython code computes (value,
gradient, Hessian, into arrays that are given) comes of losskit's formulas, differentiated by autograd in float64; only
Tweedie's for powers other than 0, 1 and 2 is written here.
`fixed=True`: a target out of range is a DomainError, and at a tie AbsoluteError and PinballLoss have the middle of the
one-sided derivatives.

>>> import numpy as np
>>> from losskit.compat.sklearn_loss import HalfBinomialLoss
>>> HalfBinomialLoss().gradient_hessian(y_true=np.array([1.0]), raw_prediction=np.array([0.0]))
(array([-0.5]), array([0.25]))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn._loss import loss as theirs

from losskit.arrays import namespace
from losskit.arrays.numpy import xp as numpy_xp
from losskit.core.errors import DomainError
from losskit.losses import AbsoluteError as AbsoluteErrorFormula
from losskit.losses import (
    BinaryCrossEntropy,
    CrossEntropy,
    Exponential,
    GammaNegativeLogLikelihood,
    GeneralizedKLDivergence,
    Huber,
    PoissonNegativeLogLikelihood,
    Quantile,
)
from losskit.losses import HalfSquaredError as HalfSquaredErrorFormula

__all__ = [
    "AbsoluteError",
    "ExponentialLoss",
    "HalfBinomialLoss",
    "HalfGammaLoss",
    "HalfMultinomialLoss",
    "HalfPoissonLoss",
    "HalfSquaredError",
    "HalfTweedieLoss",
    "HalfTweedieLossIdentity",
    "HuberLoss",
    "PinballLoss",
]

Array = Any


# -- what scikit-learn calls closs -------------------------------------------------------------------------------------


@dataclass
class Formula:
    """Values and derivatives of a loss, written into the arrays that scikit-learn gives.

    allowed: the interval of targets to be checked, None for no check.
    """

    allowed: Any = None

    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        """One value per sample, of float64."""
        raise NotImplementedError

    def slope(self, raw: Array, target: Array) -> Array:
        """The gradient by the raw prediction."""
        return numpy_xp.gradient(lambda z: _sum(self.values(namespace(z), z, target)), raw)

    def curvature(self, raw: Array, target: Array) -> Array:
        """The second derivative; of several classes the diagonal of the Hessian."""
        return numpy_xp.gradient(lambda z: _sum(self.slope(z, target)), raw)

    def loss(
        self, y_true: Array, raw_prediction: Array, sample_weight: Array | None, loss_out: Array, n_threads: int = 1
    ) -> None:
        raw, target = self._taken(raw_prediction, y_true)
        loss_out[...] = _weighted(self.values(numpy_xp, raw, target), sample_weight)

    def gradient(
        self, y_true: Array, raw_prediction: Array, sample_weight: Array | None, gradient_out: Array, n_threads: int = 1
    ) -> None:
        gradient_out[...] = _weighted(self.slope(*self._taken(raw_prediction, y_true)), sample_weight)

    def loss_gradient(
        self,
        y_true: Array,
        raw_prediction: Array,
        sample_weight: Array | None,
        loss_out: Array,
        gradient_out: Array,
        n_threads: int = 1,
    ) -> None:
        self.loss(y_true, raw_prediction, sample_weight, loss_out)
        self.gradient(y_true, raw_prediction, sample_weight, gradient_out)

    def gradient_hessian(
        self,
        y_true: Array,
        raw_prediction: Array,
        sample_weight: Array | None,
        gradient_out: Array,
        hessian_out: Array,
        n_threads: int = 1,
    ) -> None:
        self.gradient(y_true, raw_prediction, sample_weight, gradient_out)
        second = _weighted(self.curvature(*self._taken(raw_prediction, y_true)), sample_weight)
        hessian_out[...] = second if hessian_out.shape == second.shape else 1.0  # one number where it is constant

    def _taken(self, raw_prediction: Array, y_true: Array) -> tuple[Array, Array]:
        if self.allowed is not None and not self.allowed.includes(y_true):
            raise DomainError(f"y_true: expected values in {self.allowed}, got {np.min(y_true)} to {np.max(y_true)}")
        return np.asarray(raw_prediction, np.float64), np.asarray(y_true, np.float64)


def _sum(values: Array) -> Array:
    return namespace(values).sum(values)


def _weighted(values: Array, weight: Array | None) -> Array:
    if weight is None:
        return values
    return values * (weight[:, None] if values.ndim == 2 else weight)


class HalfSquaredErrorValues(Formula):
    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        return HalfSquaredErrorFormula().formula(xp, raw, target)


class TiedFormula(Formula):
    """A kink at raw = target, where scikit-learn takes the derivative from below; its Hessian is 1."""

    def tie(self) -> float:
        raise NotImplementedError

    def slope(self, raw: Array, target: Array) -> Array:
        slope = super().slope(raw, target)
        return slope if self.allowed is not None else np.where(raw == target, self.tie(), slope)

    def curvature(self, raw: Array, target: Array) -> Array:
        return np.ones_like(raw)


class AbsoluteErrorValues(TiedFormula):
    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        return AbsoluteErrorFormula().formula(xp, raw, target)

    def tie(self) -> float:
        return -1.0


@dataclass
class PinballValues(TiedFormula):
    quantile: float = 0.5

    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        return Quantile(level=self.quantile).formula(xp, raw, target)

    def tie(self) -> float:
        return -self.quantile


@dataclass
class HuberValues(Formula):
    delta: float = 0.5

    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        return Huber(delta=self.delta).formula(xp, raw, target)


class HalfPoissonValues(Formula):
    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        return _poisson(xp, raw, target)


def _poisson(xp: Any, raw: Array, target: Array) -> Array:
    """The loss without log target!: at a count of 0 it is the mean, and each count more takes the log-mean off."""
    return PoissonNegativeLogLikelihood().formula(xp, raw, np.zeros_like(target)) - target * raw


class HalfGammaValues(Formula):
    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        return GammaNegativeLogLikelihood().formula(xp, raw, target)


@dataclass
class HalfTweedieValues(Formula):
    power: float = 1.5

    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        p = self.power
        if p == 0:
            return HalfSquaredErrorFormula().formula(xp, xp.exp(raw), target)
        if p == 1:
            return _poisson(xp, raw, target)
        if p == 2:
            return GammaNegativeLogLikelihood().formula(xp, raw, target)
        # losskit.Tweedie, of powers from 1 to 2, is 0 at a log-mean of 0; to add what scikit-learn's is there costs the
        # last digits, which its tests ask for.
        return xp.exp((2 - p) * raw) / (2 - p) - target * xp.exp((1 - p) * raw) / (1 - p)


@dataclass
class HalfTweedieIdentityValues(Formula):
    power: float = 1.5

    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        p = self.power
        if p == 0:
            return HalfSquaredErrorFormula().formula(xp, raw, target)
        if p == 1:
            return GeneralizedKLDivergence(input="mean").formula(xp, raw, target)
        value = HalfTweedieValues(power=p).values(xp, xp.log(raw), target)
        if p == 2:
            return value - np.log(target) - 1
        return value + np.power(np.maximum(target, 0.0), 2 - p) / ((1 - p) * (2 - p))


class HalfBinomialValues(Formula):
    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        return BinaryCrossEntropy().formula(xp, raw, target)


class ExponentialValues(Formula):
    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        loss, one = Exponential(), np.ones_like(target)
        return target * loss.formula(xp, raw, one) + (1 - target) * loss.formula(xp, raw, -one)


class HalfMultinomialValues(Formula):
    def values(self, xp: Any, raw: Array, target: Array) -> Array:
        return CrossEntropy().formula(xp, raw, np.asarray(target, np.int64))

    def curvature(self, raw: Array, target: Array) -> Array:
        return CrossEntropy().curvature(raw, np.asarray(target, np.int64))

    def gradient_proba(
        self,
        y_true: Array,
        raw_prediction: Array,
        sample_weight: Array | None,
        gradient_out: Array,
        proba_out: Array,
        n_threads: int = 1,
    ) -> None:
        self.gradient(y_true, raw_prediction, sample_weight, gradient_out)
        proba_out[...] = numpy_xp.softmax(np.asarray(raw_prediction, np.float64))


# -- scikit-learn's classes --------------------------------------------------------------------------------------------


class Fixable(theirs.BaseLoss):
    """What the classes share: scikit-learn's constructor, `fixed`, and the formula in the place of its Cython code."""

    formula: ClassVar[type[Formula]]
    parameter: ClassVar[str] = ""

    def __init__(self, *arguments: Any, fixed: bool = False, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fixed = fixed
        parameters = {self.parameter: getattr(self.closs, self.parameter)} if self.parameter else {}
        self.closs = self.formula(self.interval_y_true if fixed else None, **parameters)


class HalfSquaredError(Fixable, theirs.HalfSquaredError):
    """As sklearn._loss.loss.HalfSquaredError: ½ (raw − y)²."""

    formula = HalfSquaredErrorValues


class AbsoluteError(Fixable, theirs.AbsoluteError):
    """As sklearn._loss.loss.AbsoluteError: |raw − y|, with a Hessian of 1."""

    formula = AbsoluteErrorValues


class PinballLoss(Fixable, theirs.PinballLoss):
    """As sklearn._loss.loss.PinballLoss, with a Hessian of 1. ValueError unless 0 < quantile < 1."""

    formula, parameter = PinballValues, "quantile"


class HuberLoss(Fixable, theirs.HuberLoss):
    """As sklearn._loss.loss.HuberLoss: ½r² for r = |raw − y| ≤ delta, else delta (r − ½ delta)."""

    formula, parameter = HuberValues, "delta"


class HalfPoissonLoss(Fixable, theirs.HalfPoissonLoss):
    """As sklearn._loss.loss.HalfPoissonLoss: exp(raw) − y · raw."""

    formula = HalfPoissonValues


class HalfGammaLoss(Fixable, theirs.HalfGammaLoss):
    """As sklearn._loss.loss.HalfGammaLoss: raw + y exp(−raw)."""

    formula = HalfGammaValues


class HalfTweedieLoss(Fixable, theirs.HalfTweedieLoss):
    """As sklearn._loss.loss.HalfTweedieLoss: half the deviance of a log-mean without terms of y alone."""

    formula, parameter = HalfTweedieValues, "power"


class HalfTweedieLossIdentity(Fixable, theirs.HalfTweedieLossIdentity):
    """As sklearn._loss.loss.HalfTweedieLossIdentity: half the deviance of a mean."""

    formula, parameter = HalfTweedieIdentityValues, "power"


class HalfBinomialLoss(Fixable, theirs.HalfBinomialLoss):
    """As sklearn._loss.loss.HalfBinomialLoss: log(1 + exp(raw)) − y · raw."""

    formula = HalfBinomialValues


class HalfMultinomialLoss(Fixable, theirs.HalfMultinomialLoss):
    """As sklearn._loss.loss.HalfMultinomialLoss: log Σ exp(raw) − raw[y], with the Hessian's diagonal."""

    formula = HalfMultinomialValues


class ExponentialLoss(Fixable, theirs.ExponentialLoss):
    """As sklearn._loss.loss.ExponentialLoss: y exp(−raw) + (1 − y) exp(raw)."""

    formula = ExponentialValues
