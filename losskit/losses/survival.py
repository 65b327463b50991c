"""Survival: how long until an event, where for some all that is known is that it had not happened yet (censoring).

`event` is 1 where the time is that of the event, 0 where it is that of the last look. A loss for complete data is made
one for censored data by weights: weight=event / G(time), G the Kaplan–Meier estimate of being uncensored by then
(inverse probability of censoring weights).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Flags, Labels, Positive, Real, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.core.kinds import BatchwiseLoss, ElementwiseLoss, RowwiseLoss
from losskit.core.loss import shape_fix
from losskit.losses.ranking import of_kept, runs, total_of_run

__all__ = ["AcceleratedFailureTime", "CoxPartialLikelihood", "DeepHit", "DiscreteTimeSurvival"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class CoxPartialLikelihood(BatchwiseLoss):
    """Cox's partial likelihood of the log-hazards h: ℓᵢ = log Σ_{j: tⱼ ≥ tᵢ} e^(hⱼ) − hᵢ of each event, 0 if censored.

    Whose event it was, of all who were still at risk. Shapes: prediction h (relative log-hazards), time t > 0 and event
    (0 or 1) (N,); values (N,). Unit: nats. A mean divides by the number of events, and a batch without any follows
    `empty`. ties: events at one time are counted "breslow" against all at risk, themselves included; "efron" with the
    d-th part of the tied ones gone after each: ℓᵢ = 1/d Σ_{l<d} log(Σ_{at risk} e^h − l/d Σ_{tied} e^h) − hᵢ, closer
    to a random order of them, and negative for some. Without ties both are the same.
    In time N log N, and finite for any h. The risk set is the batch: take large ones, and shuffle. Strata are batches:
    add the `terms` of each. A masked sample is in no risk set; a weight weighs a sample's own event only.
    Only differences of h count. Where times are few (years), DiscreteTimeSurvival.
    Source: Cox 1972, doi:10.1111/j.2517-6161.1972.tb00899.x; Breslow 1974, Biometrics 30:89–99; Efron 1977, Journal of
    the American Statistical Association 72:557–565. As torchsurv's neg_partial_log_likelihood; pycox's CoxPHLoss takes
    tied events one after the other. DeepSurv is this on a network.
    """

    ties: Literal["efron", "breslow"] = "efron"

    prediction, time, event = Real(), Positive(), Flags()
    tasks = ("survival",)
    aliases = ("Cox", "CoxPH", "DeepSurv")
    facts = Facts(
        convex=True,
        smooth=2,
        non_negative=lambda loss: loss.ties == "breslow",
        cost="n log n",
    )

    def __post_init__(self) -> None:
        one_of(("efron", "breslow"), ties=self.ties)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        shape = xp.shape(bound["prediction"])
        if len(shape) != 1:
            raise ShapeError(
                f"prediction: expected one log-hazard for each sample, shape (N,), got {shape}"
                + shape_fix("prediction", shape, "prediction", shape[:1])
            )
        super().check_shapes(xp, bound)

    def measure(self, xp: Any, *inputs: Array) -> Array | None:
        return inputs[2]

    def formula(self, xp: Any, prediction: Array, time: Array, event: Array, *, keep: Array | None = None) -> Array:
        hazard = of_kept(xp, prediction, keep, -math.inf)
        # From the latest time back, of one time first who was censored, then whose event it was, these by hazard: who
        # is at risk, but tied, stands before the run of the tied ones, of which the last has the greatest hazard.
        order = xp.argsort(xp.stop_gradient(hazard))
        for key in (event, -time):
            order = xp.take_along_axis(order, xp.argsort(xp.take_along_axis(key, order)))
        h, event, time = (xp.take_along_axis(x, order) for x in (hazard, event, time))
        begins = (time[1:] < time[:-1]) | (event[1:] > event[:-1])
        first, last = runs(xp, xp.concatenate([xp.ones_like(event[:1]) > 0, begins], axis=-1), event)
        running = xp.logcumsumexp(h)
        before = xp.concatenate([xp.full_like(h[:1], -math.inf), running[:-1]], axis=-1)
        others = xp.take_along_axis(before, first)
        h = xp.where(event > 0, h, 0.0)  # only events are looked at from here on: what is left out is −inf
        # Relative to the greatest hazard of the run, a constant for the derivatives: the sum is at least 1.
        greatest = xp.stop_gradient(xp.take_along_axis(h, last))
        share = xp.exp(h - greatest)
        tied = greatest + xp.log(total_of_run(xp, share, first, last))
        if self.ties == "breslow":
            at_risk = xp.logaddexp(others, tied)
        else:
            place = xp.cast(xp.arange(xp.shape(h)[0], like=h), h)
            count, gone = xp.cast(last - first + 1, h), place - xp.cast(first, h)
            # What is left of the tied ones as a share of them, not taken from the sum: nothing cancels.
            steps = xp.logaddexp(others, tied + xp.log1p(-gone / count))
            at_risk = total_of_run(xp, xp.where(event > 0, steps, 0.0), first, last) / count
        value = xp.where(event > 0, at_risk - h, 0.0)
        return xp.take_along_axis(value, xp.argsort(order))


@dataclass(frozen=True, kw_only=True)
class DiscreteTimeSurvival(RowwiseLoss):
    """Likelihood of an event in one of T intervals: ℓ = −log P(event in k), or −log P(later than k) if censored in k.

    scores: what the T scores z of a row are. "hazard": logits of the event in an interval, for who reached it:
    ℓ = Σ_{j<k} log(1 + e^(zⱼ)) + log(1 + e^(∓zₖ)), − for an event: a binary cross-entropy for each interval. "mass":
    P = softmax(z, 0), the last for later than all intervals (DeepHit's likelihood). "mtlr": the same of the sums of z
    from each interval on (multi-task logistic regression: z are changes, which a penalty can keep smooth).
    Shapes: prediction (…, T); target (…) interval indices; event (…) of 0 and 1; values (…). Unit: nats. Range: [0, ∞).
    Makes no assumption on how the hazard goes with time. Quantiles of the event times are good intervals.
    Source: "hazard": Gensheimer & Narasimhan 2018, arXiv:1805.00917; Kvamme & Borgan 2019, arXiv:1910.06724 ("mass"
    too); Lee et al. 2018, DeepHit, AAAI; "mtlr": Yu et al. 2011, NIPS. As nll_logistic_hazard, nll_pmf and nll_mtlr of
    pycox.models.loss.
    """

    scores: Literal["hazard", "mass", "mtlr"] = "hazard"

    prediction, target, event = Rows(), Labels(soft=False), Flags()
    tasks = ("survival",)
    aliases = ("LogisticHazard", "NnetSurvival", "MTLR")
    facts = Facts(
        convex=lambda loss: loss.scores == "hazard",
        smooth=2,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        one_of(("hazard", "mass", "mtlr"), scores=self.scores)

    def formula(self, xp: Any, prediction: Array, target: Array, event: Array) -> Array:
        interval = xp.cast(xp.arange(xp.shape(prediction)[-1], like=target), target)
        target, happened = xp.expand_dims(target, -1), xp.expand_dims(event, -1) > 0
        if self.scores == "hazard":
            here = (interval == target) & happened
            signed = xp.where(here, -prediction, prediction)
            return xp.sum(xp.where(interval <= target, xp.softplus(signed), 0.0), axis=-1)
        z = prediction
        if self.scores == "mtlr":
            z = xp.flip(xp.cumsum(xp.flip(z)))
        later = xp.zeros_like(z[..., :1])
        own = -xp.take_along_axis(xp.log_softmax(xp.concatenate([z, later], axis=-1)), target)[..., 0]
        # −log of the sum of what is later by the odds against it: accurate where it is nearly 1.
        head = xp.logsumexp(xp.where(interval <= target, z, -math.inf))
        tail = xp.logsumexp(xp.concatenate([xp.where(interval <= target, -math.inf, z), later], axis=-1))
        return xp.where(event > 0, own, xp.softplus(head - tail))


@dataclass(frozen=True, kw_only=True)
class DeepHit(BatchwiseLoss):
    """DeepHit, one cause: ℓᵢ = α · (−log P) + (1 − α) / N · Σⱼ e^(−(Fᵢ(kᵢ) − Fⱼ(kᵢ)) / σ), j over who outlived i.

    The likelihood is DiscreteTimeSurvival's with scores="mass"; the second part, of events only, wants the predicted
    F, the probability of an event by then, to be higher for whom it happened to: better concordance, and probabilities
    that are no longer calibrated. Who is censored in i's own interval outlived i.
    Shapes: prediction (N, T) scores, of P = softmax(z, 0), the last for later than all intervals; target (N,) interval
    indices; event (N,) of 0 and 1; values (N,). Range: [0, ∞). alpha in [0, 1]; sigma σ > 0: the smaller, the more of
    the wrong pairs only; the second part is at most e^(1/σ). Time and memory grow with N².
    A masked sample is in no pair.
    Source: Lee et al. 2018, DeepHit: a deep learning approach to survival analysis with competing risks, AAAI. As
    pycox's DeepHitSingle.
    """

    alpha: float = 0.2
    sigma: float = 0.1

    prediction, target, event = Rows(), Labels(soft=False), Flags()
    tasks = ("survival",)
    facts = Facts(smooth=2, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(sigma=self.sigma)
        if not 0 <= self.alpha <= 1:
            raise ValueError(f"alpha: expected a number from 0 to 1, got {self.alpha}")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        shape = xp.shape(bound["prediction"])
        if len(shape) != 2:
            raise ShapeError(f"prediction: expected (samples, intervals), got {shape}")
        super().check_shapes(xp, bound)

    def formula(self, xp: Any, prediction: Array, target: Array, event: Array, *, keep: Array | None = None) -> Array:
        likelihood = DiscreteTimeSurvival(scores="mass").formula(xp, prediction, target, event)
        p = xp.softmax(xp.concatenate([prediction, xp.zeros_like(prediction[..., :1])], axis=-1))
        reached = xp.take(xp.swapaxes(xp.cumsum(p), 0, 1), target)  # Fⱼ(kᵢ) at [i, j]
        own = xp.take_along_axis(reached, xp.expand_dims(xp.arange(xp.shape(event)[0], like=event), -1))
        later = xp.expand_dims(target, -1) < xp.expand_dims(target, 0)
        same_but_censored = (xp.expand_dims(target, -1) == xp.expand_dims(target, 0)) & (xp.expand_dims(event, 0) < 0.5)
        pairs = (later | same_but_censored) & (xp.expand_dims(event, -1) > 0.5)
        count = xp.sum(xp.ones_like(event))
        if keep is not None:
            pairs = pairs & xp.expand_dims(keep, 0) & xp.expand_dims(keep, -1)
            count = xp.maximum(xp.sum(xp.cast(keep, event)), 1.0)
        wrong = xp.where(pairs, xp.exp(xp.where(pairs, reached - own, 0.0) / self.sigma), 0.0)
        return self.alpha * likelihood + (1 - self.alpha) * (xp.sum(wrong, axis=-1) / count)


@dataclass(frozen=True, kw_only=True)
class AcceleratedFailureTime(ElementwiseLoss):
    """Likelihood of a time, censored or not: ℓ = −log f(t), or −log P(T > t) if censored; log T = μ + σ·noise.

    With z = (log t − μ) / σ, distribution: "weibull" is e^z if censored, e^z − z + log σt for an event; "log_logistic"
    log(1 + e^z), and 2 log(1 + e^z) − z + log σt; "log_normal" −log Φ(−z), and ½z² + ½ log 2π + log σt.
    Shapes: prediction μ (the location of log t), time t > 0, event (0 or 1) and log_scale (log σ, optional) alike, any.
    Without log_scale σ is the fixed `scale` > 0; the Weibull shape is 1/σ, 1 the exponential distribution. Unit: nats.
    Range: any real number. Predictions are of a time, in the data's own unit: e^μ is the median of "log_logistic" and
    "log_normal", the 63rd percentile of "weibull". Infinite where e^z or z² exceeds the dtype. Without censoring these
    are the NegativeLogLikelihoods of the distributions; where only the order of risks matters, CoxPartialLikelihood.
    Source: Kalbfleisch & Prentice 1980, The statistical analysis of failure time data. As torchsurv's Weibull
    neg_log_likelihood; XGBoost's survival:aft has them as "extreme", "logistic" and "normal", and clips gradients.
    """

    distribution: Literal["weibull", "log_logistic", "log_normal"] = "weibull"
    scale: float = 1.0

    prediction, time, event, log_scale = Real(), Positive(), Flags(), Real()
    differentiable = ("prediction", "log_scale")
    tasks = ("survival",)
    aliases = ("AFT",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: None if loss.distribution == "log_logistic" else math.inf,
        non_negative=False,
    )

    def __post_init__(self) -> None:
        one_of(("weibull", "log_logistic", "log_normal"), distribution=self.distribution)
        positive(scale=self.scale)

    def formula(self, xp: Any, prediction: Array, time: Array, event: Array, log_scale: Array | None = None) -> Array:
        log_time = xp.log(time)
        if log_scale is None:
            z, log_scale = (log_time - prediction) / self.scale, math.log(self.scale)
        else:
            z = (log_time - prediction) * xp.exp(-log_scale)
        scaled = log_time + log_scale
        if self.distribution == "weibull":
            survived = xp.exp(z)
            happened = survived - z + scaled
        elif self.distribution == "log_logistic":
            survived = xp.softplus(z)
            happened = survived + xp.softplus(-z) + scaled
        else:
            survived = -log_normal_tail(xp, z)
            happened = xp.square(z) / 2 + (scaled + math.log(2 * math.pi) / 2)
        return xp.where(event > 0, happened, survived)


def log_normal_tail(xp: Any, z: Array) -> Array:
    """log Φ(−z), the logarithm of the probability that a standard normal number exceeds z, accurate in both tails."""
    far = xp.abs(z) > 0.5
    near = xp.log((1 - xp.erf(xp.where(far, 0.0, z) * math.sqrt(0.5))) / 2)
    a = xp.where(far, xp.abs(z), 1.0)
    log_tail = -xp.square(a) / 2 + xp.log(mills_ratio(xp, a) / math.sqrt(2 * math.pi))
    return xp.where(far, xp.where(z > 0, log_tail, xp.log1p(-xp.exp(log_tail))), near)


def mills_ratio(xp: Any, a: Array) -> Array:
    """Φ(−a) / φ(a) for a ≥ ½, by the trapezoidal rule with step h for √(π/2) erfcx(a/√2), and what its pole adds.

    The terms are e^(−n²h²): 12 of them reach float64. Source: Chiarella & Reichel 1968, On the evaluation of integrals
    related to the error function, Mathematics of Computation 22:137–143.
    """
    h, x = 0.5, a * math.sqrt(0.5)
    squares = xp.square(x)
    total = 0.5 / squares
    for n in range(1, 13):
        total = total + math.exp(-((n * h) ** 2)) / (squares + (n * h) ** 2)
    smooth = x * total * (2 * h / math.pi)
    # Beyond x = π/h it is less than half an ulp.
    inside = x < math.pi / h
    u = xp.where(inside, x, 1.0) * (2 * math.pi / h)
    pole = 2 * xp.exp(xp.where(inside, squares, 1.0) - u) / -xp.expm1(-u)
    return math.sqrt(math.pi / 2) * (smooth - xp.where(inside, pole, 0.0))
