"""Matching of distributions, given by samples: how far apart two batches are, or how dependent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Real, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import BatchwiseLoss
from losskit.core.loss import fits
from losskit.losses.contrastive import RowsOfABatch, off_diagonal
from losskit.losses.correlation import total
from losskit.losses.self_supervised import covariance, for_each
from losskit.losses.similarity import pairwise_distances

__all__ = [
    "CorrelationAlignment",
    "CramerDistance",
    "EnergyDistance",
    "HilbertSchmidtIndependence",
    "MaximumMeanDiscrepancy",
    "SinkhornDivergence",
    "Wasserstein",
]

Array = Any

# -- two samples of vectors --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SampleDistance(RowsOfABatch):
    """The base: two samples of N vectors, compared by all pairs; values (N,) are shares, whose mean is the distance.

    unbiased: leave out pairs of one index i = j and divide by N(N − 1), which is right on average, but may be negative;
    0 for N = 1. Else by N², which is never negative, and the order of either sample does not matter.
    A mask leaves a row out of both; a weight weighs the shares alone.
    """

    unbiased: bool = False

    first, second = Rows(), Rows()
    differentiable = ("first", "second")
    tasks = ("matching",)

    def shares(self, xp: Any, pairs: Array, keep: Array | None) -> Array:
        """Σⱼ of what each pair i, j has, over how many j there are."""
        counted = off_diagonal(xp, pairs) if self.unbiased else xp.cast(xp.ones_like(pairs), "bool")
        if keep is not None:
            counted = counted & xp.expand_dims(keep, axis=0)
        count = xp.sum(xp.cast(counted, pairs), axis=-1)
        return xp.sum(xp.where(counted, pairs, 0.0), axis=-1) / xp.where(count == 0, 1.0, count)


@dataclass(frozen=True, kw_only=True)
class MaximumMeanDiscrepancy(SampleDistance):
    """Squared maximum mean discrepancy: L = mean k(x, x') + mean k(y, y') − 2 mean k(x, y), Gaussian kernels k.

    k(x, y) = Σ exp(−‖x − y‖² / 2σ²) over the bandwidths σ. Shapes: first and second (N, D), two samples of one size;
    values (N,), shares of the rows i in L, some below 0. Unit: none. Range of the mean: [0, 2] for each bandwidth.
    bandwidths σ, one or more, each > 0, of the size of distances between samples: several, such as 0.5, 1, 2 times the
    median distance, see more than one scale. unbiased: leave out pairs of one index and divide by N(N − 1). Far apart,
    ‖x − y‖ ≫ σ, there is no gradient: start with EnergyDistance or larger σ. Time and memory N² D.
    Source: Gretton et al. 2012, A kernel two-sample test, JMLR 13:723–773. geomloss' "gaussian" is half of it (σ is its
    blur).
    """

    bandwidths: tuple[float, ...] = (1.0,)

    aliases = ("MMD", "KernelTwoSample")
    facts = Facts(symmetric=True, cost="n^2")

    def __post_init__(self) -> None:
        if not self.bandwidths:
            raise ValueError("bandwidths: expected at least one number > 0, got none")
        positive(**{f"bandwidths[{i}]": width for i, width in enumerate(self.bandwidths)})
        object.__setattr__(self, "bandwidths", tuple(float(width) for width in self.bandwidths))

    def formula(self, xp: Any, first: Array, second: Array, *, keep: Array | None = None) -> Array:
        within, across = kernel(xp, first, first, self.bandwidths), kernel(xp, first, second, self.bandwidths)
        within = within + kernel(xp, second, second, self.bandwidths)
        return self.shares(xp, within - (across + xp.swapaxes(across, 0, 1)), keep)


@dataclass(frozen=True, kw_only=True)
class EnergyDistance(SampleDistance):
    """Energy distance: L = 2 mean ‖x − y‖ − mean ‖x − x'‖ − mean ‖y − y'‖.

    Shapes: first and second (N, D), two samples of one size; values (N,), shares of the rows i in L, some below 0.
    Unit: the samples'. Range of the mean: [0, ∞). unbiased: leave out pairs of one index and divide by N(N − 1). No
    bandwidth, and a gradient at any distance. The derivative of a distance of 0 is taken as 0. Of numbers
    CramerDistance is half of it, in N log N. Time and memory N² D.
    Source: Székely & Rizzo 2013, Energy statistics: a class of statistics based on distances, Journal of Statistical
    Planning and Inference 143:1249–1272. scipy.stats.energy_distance is its root; geomloss' "energy" is half of it.
    """

    facts = Facts(symmetric=True, cost="n^2")

    def formula(self, xp: Any, first: Array, second: Array, *, keep: Array | None = None) -> Array:
        across = pairwise_distances(xp, first, second)
        within = pairwise_distances(xp, first, first) + pairwise_distances(xp, second, second)
        return self.shares(xp, (across + xp.swapaxes(across, 0, 1)) - within, keep)


@dataclass(frozen=True, kw_only=True)
class SinkhornDivergence(RowsOfABatch):
    """Sinkhorn divergence: L = O(x, y) − ½O(x, x) − ½O(y, y), O the cost of entropic transport: mean f + mean g.

    f and g are the potentials after so many steps of Sinkhorn's algorithm at ε = blur^p, in the log domain, for the
    cost C = ‖x − y‖^p / p. From T, the soft minimum (Tg)ᵢ = −ε log meanⱼ e^((gⱼ − Cᵢⱼ)/ε) and T' alike over i: first
    f = T0, g = T'0; `iterations` times, both at once, f = ½(f + Tg), g = ½(g + T'f); at last f = Tg, g = T'f. Between
    a sample and itself f = g, of which each entry is taken from the samples' f and g.
    Shapes: first and second (N, D), two samples of one size; values (N,), shares fᵢ + gᵢ − … of the rows in L, some
    below 0. Unit: the samples', to the power p. Range of the mean: [0, ∞) once converged, 0 for equal samples. blur
    > 0, in the samples' unit: from the Wasserstein distance (to 0) to a kernel's (MaximumMeanDiscrepancy; large). power
    p is 1 or 2. iterations ≥ 0: what is left of the way to convergence falls the slower the larger C is beside ε: take
    more, or a larger blur, where twice as many change the value. debias=False: O(x, y) alone, whose minimum shrinks x
    towards the centre of y. Value and gradient are exactly those of the steps, which are differentiated through: time
    N² (D + iterations), as is memory for the gradient. The order of either sample does not matter. The derivative of a
    distance of 0 is taken as 0. Exact while squares of distances fit the dtype.
    Source: Genevay, Peyré & Cuturi 2017, arXiv:1706.00292; Feydy et al. 2018, arXiv:1810.08278 (debiased, the
    simultaneous steps). geomloss' SamplesLoss("sinkhorn") has the same limit; it brings ε down from
    diameter^p to blur^p, one step at each, and has the gradient of the last step alone (envelope theorem), the limit's.
    """

    blur: float = 1.0
    power: Literal[1, 2] = 2
    iterations: int = 20
    debias: bool = True

    first, second = Rows(), Rows()
    differentiable = ("first", "second")
    tasks = ("matching",)
    aliases = ("Sinkhorn", "EntropicOptimalTransport")
    facts = Facts(symmetric=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(blur=self.blur)
        if self.power not in (1, 2):
            raise ValueError(f"power: expected 1 or 2, got {self.power}")
        if not isinstance(self.iterations, int) or self.iterations < 0:
            raise ValueError(f"iterations: expected a whole number >= 0, got {self.iterations!r}")

    def formula(self, xp: Any, first: Array, second: Array, *, keep: Array | None = None) -> Array:
        across = self.cost(xp, first, second)
        back = xp.swapaxes(across, 0, 1)
        f, g = self.soft_minimum(xp, across, None, keep), self.soft_minimum(xp, back, None, keep)
        for _ in range(self.iterations):
            nearer = self.soft_minimum(xp, across, g, keep), self.soft_minimum(xp, back, f, keep)
            f, g = (f + nearer[0]) / 2, (g + nearer[1]) / 2
        f, g = self.soft_minimum(xp, across, g, keep), self.soft_minimum(xp, back, f, keep)
        if self.debias:
            f, g = f - self.potential_within(xp, first, keep), g - self.potential_within(xp, second, keep)
        return f + g

    def potential_within(self, xp: Any, rows: Array, keep: Array | None) -> Array:
        """The potential between a sample and itself, where the two are one."""
        within = self.cost(xp, rows, rows)
        f = self.soft_minimum(xp, within, None, keep)
        for _ in range(self.iterations):
            f = (f + self.soft_minimum(xp, within, f, keep)) / 2
        return self.soft_minimum(xp, within, f, keep)

    def cost(self, xp: Any, first: Array, second: Array) -> Array:
        """What it costs to move each row of one sample to each of the other, over ε, as are the potentials' exponents.

        From differences, not ‖x‖² + ‖y‖² − 2x · y: of rows that are close nothing but rounding would be left of that.
        """
        if self.power == 1:
            return pairwise_distances(xp, first, second)
        return xp.sum(xp.square(xp.expand_dims(first, axis=1) - xp.expand_dims(second, axis=0)), axis=-1) / 2

    def soft_minimum(self, xp: Any, cost: Array, potential: Array | None, keep: Array | None) -> Array:
        """T: for each row −ε log of the mean over the columns that are kept of exp of potential − cost over ε."""
        epsilon = self.blur**self.power
        gain = (-cost if potential is None else xp.expand_dims(potential, axis=0) - cost) / epsilon
        count = xp.ones_like(cost[0]) if keep is None else xp.cast(keep, cost)
        if keep is not None:
            gain = xp.where(xp.expand_dims(keep, axis=0), gain, -math.inf)
        total = xp.logsumexp(gain)
        if keep is not None:  # of nothing: no infinite potentials, of which differences would be made
            total = xp.where(xp.any(keep), total, 0.0)
        return (xp.log(xp.maximum(xp.sum(count), 1.0)) - total) * epsilon


@dataclass(frozen=True, kw_only=True)
class CorrelationAlignment(RowsOfABatch):
    """Correlation alignment (deep CORAL): L = ‖C₁ − C₂‖² / 4D², C the covariances of two samples, Frobenius' norm.

    Shapes: first (source) and second (target) (N, D), two samples of one size; values (N,), all of them L. Unit: the
    fourth power of the samples'. Range: [0, ∞). Covariances divide by N − 1; of a single row they are 0. Second moments
    only: means may differ. A mask leaves a row out of both. Samples whose sizes differ: draw as many of the larger.
    Source: Sun & Saenko 2016, arXiv:1607.01719.
    """

    first, second = Rows(), Rows()
    differentiable = ("first", "second")
    tasks = ("matching",)
    aliases = ("DeepCORAL",)
    facts = Facts(non_negative=True, zero_at_target=True, symmetric=True, cost="d^2")

    def formula(self, xp: Any, first: Array, second: Array, *, keep: Array | None = None) -> Array:
        apart = covariance(xp, first, keep) - covariance(xp, second, keep)
        return for_each(xp, xp.sum(xp.square(apart)) / (4 * xp.shape(first)[1] ** 2), first)


@dataclass(frozen=True, kw_only=True)
class HilbertSchmidtIndependence(RowsOfABatch):
    """Hilbert-Schmidt independence criterion: L = tr(K H K' H) / (N − 1)², H = 1 − 1/N: 0 where x and y do not depend.

    K and K' are Gaussian kernels exp(−‖x − x'‖² / 2σ²) of two features of the same N samples. Shapes: first (N, D) and
    second (N, E), which may have another width; values (N,), shares of the samples in L, whose mean it is. Unit: none.
    Range of the mean: [0, ∞), below 1 for large N. first_bandwidth and second_bandwidth σ > 0, of the size of distances
    between samples. To keep a representation free of an attribute it is made small. 0 for N = 1. A masked sample is
    left out of the centring, too; a weight weighs shares alone. Time and memory N² (D + E).
    Source: Gretton, Bousquet, Smola & Schölkopf 2005, Measuring statistical dependence with Hilbert-Schmidt norms, ALT.
    """

    first_bandwidth: float = 1.0
    second_bandwidth: float = 1.0

    first, second = Rows(), Rows()
    differentiable = ("first", "second")
    tasks = ("matching",)
    aliases = ("HSIC",)
    facts = Facts(cost="n^2")

    def __post_init__(self) -> None:
        positive(first_bandwidth=self.first_bandwidth, second_bandwidth=self.second_bandwidth)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first, second = xp.shape(bound["first"]), xp.shape(bound["second"])
        widths_alone_differ = len(first) == len(second) == 2 and fits(first[:1], second[:1])
        if not widths_alone_differ:
            super().check_shapes(xp, bound)

    def formula(self, xp: Any, first: Array, second: Array, *, keep: Array | None = None) -> Array:
        here = centred_kernel(xp, kernel(xp, first, first, (self.first_bandwidth,)), keep)
        there = centred_kernel(xp, kernel(xp, second, second, (self.second_bandwidth,)), keep)
        count = xp.sum(xp.ones_like(first[:, 0]) if keep is None else xp.cast(keep, first))
        return xp.sum(here * there, axis=-1) * (count / xp.square(xp.where(count > 1, count - 1, 1.0)))


# -- two samples of numbers --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SortedDistance(BatchwiseLoss):
    """The base: two samples of N numbers each, compared by sorting; further axes hold pairs of samples of their own."""

    first, second = Real(), Real()
    differentiable = ("first", "second")
    tasks = ("matching",)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        if not xp.shape(bound["first"]):
            raise ShapeError("first: expected a sample along the first axis, got a scalar")
        super().check_shapes(xp, bound)


@dataclass(frozen=True, kw_only=True)
class Wasserstein(SortedDistance):
    """Wasserstein distance of numbers, to the power p: L = mean |x₍ₖ₎ − y₍ₖ₎|^p, the k-th smallest of each sample.

    Shapes: first and second (N, …), two samples of one size, with further axes as many as there are columns; values
    alike, each what it costs to move x to its match. Unit: the sample's, to the power p. Range: [0, ∞). power p ≥ 1.
    The order of either sample does not matter. A mask leaves an entry out of both.
    Sliced Wasserstein distance: of vectors (N, D) the mean over random directions, `Wasserstein(power=2)(x @ w, y @
    w)`, w (D, K) of K unit columns; max-sliced: the w that makes it largest.
    Source: Villani 2003, Topics in optimal transportation (numbers); Rabin, Peyré, Delon & Bernot 2011,
    Wasserstein barycenter and its application to texture mixing, SSVM (slices). As
    scipy.stats.wasserstein_distance (p = 1), POT's wasserstein_1d.
    """

    power: float = 1.0

    aliases = ("EarthMovers", "SlicedWasserstein", "Wasserstein1D")
    facts = Facts(non_negative=True, zero_at_target=True, cost="n log n")

    def __post_init__(self) -> None:
        if not 1 <= self.power < math.inf:
            raise ValueError(f"power: expected a finite number >= 1, got {self.power}")

    def formula(self, xp: Any, first: Array, second: Array, *, keep: Array | None = None) -> Array:
        # By place, what is left out last: it matches what is left out.
        order, places = (xp.argsort(ranked(xp, sample, keep), axis=0) for sample in (first, second))
        rank = xp.argsort(order, axis=0)
        match = xp.take_along_axis(xp.take_along_axis(second, places, axis=0), rank, axis=0)
        return xp.power(xp.abs(first - match), self.power)


@dataclass(frozen=True, kw_only=True)
class CramerDistance(SortedDistance):
    """Cramér distance of numbers: L = ∫ (F(z) − G(z))² dz of the samples' distribution functions.

    It is half the energy distance. Shapes: first and second (N, …), two samples of one size, with further axes as many
    as there are columns; values alike, in each column all the column's L. Unit: the sample's. Range: [0, ∞). Computed
    by sorting, in N log N, from terms that are never negative. The order of either sample does not matter. A mask
    leaves an entry out of both. Where entries are equal the derivative is that of one order of them.
    Source: Székely & Rizzo 2013, Energy statistics: a class of statistics based on distances, Journal of Statistical
    Planning and Inference 143:1249–1272. scipy.stats.energy_distance is √(2 L).
    """

    aliases = ("Cramer",)
    facts = Facts(non_negative=True, zero_at_target=True, symmetric=True, cost="n log n")

    def formula(self, xp: Any, first: Array, second: Array, *, keep: Array | None = None) -> Array:
        ones = xp.ones_like(first)
        step = ones if keep is None else xp.cast(keep, first)  # what is left out lifts neither function
        both, steps = xp.concatenate([first, second], axis=0), xp.concatenate([step, -step], axis=0)
        order = xp.argsort(both, axis=0)
        at, steps = (xp.take_along_axis(array, order, axis=0) for array in (both, steps))
        size = total(xp, step, None)
        apart = xp.cumsum(steps, axis=0)[:-1] / xp.where(size == 0, 1.0, size)
        return ones * xp.sum(xp.square(apart) * (at[1:] - at[:-1]), axis=0, keepdims=True)


# -- shared ------------------------------------------------------------------------------------------------------------


def kernel(xp: Any, first: Array, second: Array, bandwidths: tuple[float, ...]) -> Array:
    """The sum of Gaussian kernels of each row of one sample and each of the other.

    From differences, not ‖x‖² + ‖y‖² − 2x · y: of rows that are close nothing but rounding would be left of that.
    """
    differences = xp.expand_dims(first, axis=1) - xp.expand_dims(second, axis=0)
    # Divided before they are squared: a square that overflows is a kernel of 0, and its derivative.
    found = [xp.exp(-xp.sum(xp.square(differences / width), axis=-1) / 2) for width in bandwidths]
    result = found[0]
    for each in found[1:]:
        result = result + each
    return result


def centred_kernel(xp: Any, kernel: Array, keep: Array | None) -> Array:
    """H K H: K minus the means of its rows and columns, plus the mean of all; 0 where something is left out."""
    kept = None if keep is None else xp.expand_dims(keep, axis=0) & xp.expand_dims(keep, axis=1)
    if kept is not None:
        kernel = xp.where(kept, kernel, 0.0)
    count = xp.sum(xp.ones_like(kernel[0]) if keep is None else xp.cast(keep, kernel))
    rows = xp.sum(kernel, axis=1, keepdims=True) / xp.where(count == 0, 1.0, count)
    whole = xp.sum(rows) / xp.where(count == 0, 1.0, count)
    result = (kernel - rows) - (xp.swapaxes(rows, 0, 1) - whole)
    return result if kept is None else xp.where(kept, result, 0.0)


def ranked(xp: Any, sample: Array, keep: Array | None) -> Array:
    """What to sort by: the sample, with what is left out at its end."""
    sample = xp.stop_gradient(sample)
    return sample if keep is None else xp.where(keep, sample, math.inf)
