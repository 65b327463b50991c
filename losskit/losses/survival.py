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
from losskit.losses.ranking import of_kept, runs

__all__ = ["AcceleratedFailureTime", "CoxPartialLikelihood", "DiscreteTimeSurvival"]

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
        convex=lambda loss: True if loss.ties == "breslow" else None,
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


def total_of_run(xp: Any, x: Array, first: Array, last: Array) -> Array:
    """For each place the sum over its run, in log₂(n) passes: no sum of other runs is rounded into it."""
    place, step = xp.cast(xp.arange(xp.shape(x)[0], like=x), first), 1
    while step < xp.shape(x)[0]:
        earlier = xp.concatenate([xp.zeros_like(x[:step]), x[:-step]], axis=-1)
        x = x + xp.where(place - step >= first, earlier, 0.0)
        step *= 2
    return xp.take_along_axis(x, last)


@dataclass(frozen=True, kw_only=True)
class DiscreteTimeSurvival(RowwiseLoss):
    """Likelihood of an event in one of T intervals: ℓ = −log P(event in k), or −log P(later than k) if censored in k.

    scores: what the T scores z of a row are. "hazard": logits of the event in an interval, for who reached it:
    ℓ = Σ_{j<k} log(1 + e^(zⱼ)) + log(1 + e^(∓zₖ)), a binary cross-entropy for each interval (logistic hazard). "mass":
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
class AcceleratedFailureTime(ElementwiseLoss):
    """Likelihood of a time, censored or not: ℓ = −log f(t), or −log P(T > t) if censored; log T = μ + σ·noise.

    With z = (log t − μ) / σ, distribution: "weibull" (noise of the least extreme) e^z, and for an event + log σt − z;
    "log_logistic" log(1 + e^z), and for an event + log σt − z + log(1 + e^z).
    Shapes: prediction μ (the location of log t), time t > 0, event (0 or 1) and log_scale (log σ, optional) alike, any.
    Without log_scale σ is the fixed `scale` > 0; the Weibull shape is 1/σ, 1 the exponential distribution. Unit: nats.
    Range: any real number. Predictions are of a time, in the data's own unit: e^μ is the median of "log_logistic", the
    63rd percentile of "weibull". Infinite where e^z exceeds the dtype. Without censoring "weibull" is
    WeibullNegativeLogLikelihood; where only the order of risks matters, CoxPartialLikelihood.
    Source: Kalbfleisch & Prentice 1980, The statistical analysis of failure time data. As torchsurv's Weibull
    neg_log_likelihood; "weibull" and "log_logistic" are XGBoost's survival:aft with "extreme" and "logistic", which
    clips gradients.
    """

    distribution: Literal["weibull", "log_logistic"] = "weibull"
    scale: float = 1.0

    prediction, time, event, log_scale = Real(), Positive(), Flags(), Real()
    differentiable = ("prediction", "log_scale")
    tasks = ("survival",)
    aliases = ("AFT",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: math.inf if loss.distribution == "weibull" else None,
        non_negative=False,
    )

    def __post_init__(self) -> None:
        one_of(("weibull", "log_logistic"), distribution=self.distribution)
        positive(scale=self.scale)

    def formula(self, xp: Any, prediction: Array, time: Array, event: Array, log_scale: Array | None = None) -> Array:
        log_time = xp.log(time)
        if log_scale is None:
            z, log_scale = (log_time - prediction) / self.scale, math.log(self.scale)
        else:
            z = (log_time - prediction) * xp.exp(-log_scale)
        if self.distribution == "weibull":
            survived, of_event = xp.exp(z), log_time + log_scale - z
        else:
            survived = xp.softplus(z)
            of_event = log_time + log_scale + xp.softplus(-z)
        return survived + xp.where(event > 0, of_event, 0.0)
