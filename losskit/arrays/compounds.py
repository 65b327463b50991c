"""The stable compounds, written once over the primitives.

Each is built of smooth branches chosen by one condition, and the branch that is not taken sees a harmless argument.
So at every point, kinks of the construction included, autodiff differentiates one smooth function, and derivatives of
every order are right in every framework.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from losskit.arrays.primitives import Array, Axis, Primitives

LOG_2 = math.log(2.0)


class Vocabulary(Primitives):
    """All that a formula may use: the primitives and the stable compounds."""

    # ---- piecewise

    def relu(self, x: Array) -> Array:
        """max(x, 0), with derivative 0 at 0."""
        return self.where(x <= 0, 0.0, x)  # this way round NaN stays NaN

    def clip(self, x: Array, low: Array | float, high: Array | float) -> Array:
        """x held within [low, high], with derivative 1 at both ends."""
        return self.where(x < low, low, self.where(x > high, high, x))

    # ---- logistic

    def _negative_magnitude(self, x: Array) -> Array:
        """−|x| as the branch −x for x > 0, x otherwise: unlike abs, smooth from the left at 0."""
        return self.where(x > 0, -x, x)

    def sigmoid(self, x: Array) -> Array:
        """1 / (1 + e⁻ˣ), relatively accurate in both tails, as are its derivatives."""
        e = self.exp(self._negative_magnitude(x))
        return self.where(x > 0, 1.0, e) / (1.0 + e)

    def softplus(self, x: Array) -> Array:
        """log(1 + eˣ)."""
        return self.where(x > 0, x, 0.0) + self.log1p(self.exp(self._negative_magnitude(x)))

    def log_sigmoid(self, x: Array) -> Array:
        """log(1 / (1 + e⁻ˣ))."""
        return -self.softplus(-x)

    def logaddexp(self, x: Array, y: Array) -> Array:
        """log(eˣ + eʸ); −inf is the empty sum."""
        y_is_larger = y > x
        larger, smaller = self.where(y_is_larger, y, x), self.where(y_is_larger, x, y)
        return larger + self.log1p(self.exp(self._how_far_below(smaller, larger)))

    def _how_far_below(self, smaller: Array, larger: Array) -> Array:
        """smaller − larger, and −inf where both are the same infinity."""
        same_infinity = self.where(self.isfinite(larger), False, smaller == larger)
        return self.where(same_infinity, -math.inf, smaller - larger)

    def log1mexp(self, x: Array) -> Array:
        """log(1 − eˣ) for x ≤ 0, by expm1 above −log 2 and log1p below.

        Source: M. Mächler, Accurately computing log(1 − exp(−|a|)), 2012.
        """
        near_zero = x > -LOG_2
        return self.where(
            near_zero,
            self.log(0.0 - self.expm1(self.where(near_zero, x, -1.0))),
            self.log1p(-self.exp(self.where(near_zero, -1.0, x))),
        )

    def exp_remainder(self, x: Array) -> Array:
        """eˣ − 1 − x, relatively accurate near 0, where it is about x²/2, as is its derivative."""
        near = self.abs(x) < 0.5
        t = self.where(near, x, 0.0)
        series = self.full_like(t, 1.0 / 17)
        for n in range(16, 2, -1):  # 1/2 + t/3! + t²/4! + … by Horner's rule, to 17 powers: float64 asks for no more
            series = (1.0 + t * series) / n
        far = self.where(near, 1.0, x)
        tail = self.expm1(far) - self.where(far == math.inf, 0.0, far)  # ∞ − ∞ is not meant
        return self.where(near, t * t * (1.0 + t * series) / 2, tail)

    # ---- 0 · log 0 = 0

    def xlogy(self, x: Array, y: Array) -> Array:
        """x · log(y), 0 where x = 0 (unless y is NaN), with ∂/∂y = 0 there."""
        return x * self.log(self._one_where_both(x == 0, (y <= 0, y == math.inf), y, 1.0))

    def xlog1py(self, x: Array, y: Array) -> Array:
        """x · log(1 + y), 0 where x = 0 (unless y is NaN), with ∂/∂y = 0 there."""
        return x * self.log1p(self._one_where_both(x == 0, (y <= -1, y == math.inf), y, 0.0))

    def _one_where_both(self, zero_factor: Array, singular: Sequence[Array], y: Array, harmless: float) -> Array:
        for condition in singular:
            y = self.where(zero_factor, self.where(condition, harmless, y), y)
        return y

    # ---- over an axis

    def _relative_to_top(self, x: Array, axis: int) -> tuple[Array, Array, Array, Array]:
        """The largest entry z_a, which entry it is, z − z_a, and S = Σ_{j≠a} exp(z_j − z_a).

        The index a is a constant, z_a is not; leaving exactly entry a out of S keeps log1p(S) accurate when p_a → 1,
        where log Σ exp loses every digit. Where z_a is infinite, z − z_a is −inf off a, and S is 0.
        """
        index = self.argmax(self.stop_gradient(x), axis=axis, keepdims=True)
        top = self.take_along_axis(x, index, axis=axis)
        is_top = index == self._positions(x, axis)
        finite = self.isfinite(top)
        off_top = self.where(finite, x - self.where(finite, top, 0.0), -math.inf)
        relative = self.where(is_top, 0.0, off_top)
        rest = self.sum(self.exp(self.where(is_top, -math.inf, off_top)), axis=axis, keepdims=True)
        return top, is_top, relative, rest

    def _positions(self, x: Array, axis: int) -> Array:
        sizes = [1] * len(self.shape(x))
        sizes[axis] = self.shape(x)[axis]
        return self.reshape(self.arange(sizes[axis], like=x), sizes)

    def logsumexp(self, x: Array, axis: int = -1, keepdims: bool = False) -> Array:
        """log Σ eˣ; −inf where every entry is −inf, +inf where one is +inf, with zero gradient in both cases."""
        top, _, _, rest = self._relative_to_top(x, axis)
        result = self.where(self.isfinite(top), top + self.log1p(rest), self.stop_gradient(top))
        return result if keepdims else self.squeeze(result, axis)

    def log_softmax(self, x: Array, axis: int = -1) -> Array:
        """xₖ − log Σ eˣ; −inf where every entry is −inf, NaN where one is +inf, with zero gradient in both cases."""
        top, _, relative, rest = self._relative_to_top(x, axis)
        return self.where(self.isfinite(top), relative - self.log1p(rest), self._no_distribution(top))

    def softmax(self, x: Array, axis: int = -1) -> Array:
        """eˣₖ / Σ eˣ; 0 where every entry is −inf, NaN where one is +inf, with zero gradient in both cases."""
        top, is_top, relative, rest = self._relative_to_top(x, axis)
        weights = self.where(is_top, 1.0, self.exp(relative))
        return self.where(self.isfinite(top), weights / (1.0 + rest), self.exp(self._no_distribution(top)))

    def _no_distribution(self, top: Array) -> Array:
        return self.stop_gradient(self.where(top > 0, math.nan, top))

    def logcumsumexp(self, x: Array, axis: int = -1) -> Array:
        """log of the running sum of eˣ, with zero gradient where it is infinite, in log₂(n) passes.

        Source: W. Hillis and G. Steele, Data parallel algorithms, 1986.

        Each place carries the largest entry z_a so far and S = Σ_{j≠a} exp(z_j − z_a), so no pass rounds a logarithm.
        """
        top = self.swapaxes(x, axis, -1)
        rest = self.zeros_like(top)
        length, step = self.shape(top)[-1], 1
        while step < length:
            earlier_top = self.concatenate([self.full_like(top[..., :step], -math.inf), top[..., :-step]], axis=-1)
            earlier_rest = self.concatenate([self.zeros_like(rest[..., :step]), rest[..., :-step]], axis=-1)
            earlier = earlier_top > top
            larger, its_rest = self.where(earlier, earlier_top, top), self.where(earlier, earlier_rest, rest)
            smaller, other_rest = self.where(earlier, top, earlier_top), self.where(earlier, rest, earlier_rest)
            rest = its_rest + (1.0 + other_rest) * self.exp(self._how_far_below(smaller, larger))
            top = larger
            step *= 2
        result = self.where(self.isfinite(top), top + self.log1p(rest), self.stop_gradient(top))
        return self.swapaxes(result, axis, -1)

    def safe_norm(self, x: Array, axis: int = -1, keepdims: bool = False) -> Array:
        """Euclidean length, with gradient 0 at the zero vector."""
        squared = self.sum(x * x, axis=axis, keepdims=keepdims)
        is_zero = squared == 0
        return self.where(is_zero, 0.0, self.sqrt(self.where(is_zero, 1.0, squared)))

    def mean_where(self, x: Array, condition: Array | None, axis: Axis = None, keepdims: bool = False) -> Array:
        """The mean over axes of the entries where a condition holds (None: of all), 0 where it holds for none."""
        if condition is None:
            return self.mean(x, axis=axis, keepdims=keepdims)
        count = self.sum(self.cast(condition, x), axis=axis, keepdims=keepdims)
        total = self.sum(self.where(condition, x, 0.0), axis=axis, keepdims=keepdims)
        return total / self.where(count == 0, 1.0, count)

    # ---- classes

    def one_hot(self, indices: Array, classes: int, dtype: str | Array = "float32") -> Array:
        """1 at each index along a new last axis, 0 elsewhere; an index out of range gives zeros."""
        every_class = self.cast(self.arange(classes, like=indices), indices)
        return self.cast(self.expand_dims(indices, -1) == every_class, dtype)
