"""Pairs of answers, of which one is preferred, under the policy that is trained and under a fixed reference."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import LogProbability
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.preference.logistic import check_label_smoothing, logistic

__all__ = [
    "AnchoredPreferenceOptimization",
    "DirectPreferenceOptimization",
    "DiscoveredPreferenceOptimization",
    "EfficientExactOptimization",
    "IdentityPreferenceOptimization",
    "NoiseContrastiveAlignment",
    "RobustDirectPreferenceOptimization",
    "SelfPlayPreferenceOptimization",
    "SequenceLikelihoodCalibration",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class PreferencePair(ElementwiseLoss):
    """The base: log-probabilities of the chosen and the rejected answer, of the policy's and of the reference's.

    beta β > 0: how much a log-ratio counts; the larger, the nearer the policy stays to the reference.
    """

    beta: float = 0.1

    chosen, rejected = LogProbability(), LogProbability()
    reference_chosen, reference_rejected = LogProbability(), LogProbability()
    differentiable = ("chosen", "rejected")
    tasks = ("preference",)

    def __post_init__(self) -> None:
        positive(beta=self.beta)


def log_ratios(
    chosen: Array, rejected: Array, reference_chosen: Array, reference_rejected: Array
) -> tuple[Array, Array]:
    """a = log π(chosen) / π_ref(chosen) and b, the same of the rejected answer.

    In this order: what is subtracted are numbers of nearly the same size, whose difference is exact.
    """
    return chosen - reference_chosen, rejected - reference_rejected


@dataclass(frozen=True, kw_only=True)
class DirectPreferenceOptimization(PreferencePair):
    """DPO: ℓ = −log σ(β(a − b)), a and b the log-ratios of the chosen and the rejected answer to the reference.

    Shapes: all four inputs alike, any: log-probabilities of whole answers, summed over their tokens (means give the
    length-normalised DPO of Tülu 3). Unit: nats. Range: (0, ∞); log 2 where the policy is the reference. beta > 0.
    label_smoothing ε in [0, ½): the share of pairs taken to be the wrong way round, ℓ = −(1 − ε) log σ(h) − ε log σ(−h)
    (conservative DPO). It pushes the rejected answer down more than the chosen one up: watch both log-probabilities.
    Not for pairs that one answer always wins: h grows without bound; see IdentityPreferenceOptimization.
    Source: Rafailov et al. 2023, arXiv:2305.18290. As TRL's loss_type="sigmoid".
    """

    label_smoothing: float = 0.0

    aliases = ("DPO", "ConservativeDPO")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: loss.beta * (1 - loss.label_smoothing),
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_label_smoothing(self.label_smoothing)

    def formula(
        self, xp: Any, chosen: Array, rejected: Array, reference_chosen: Array, reference_rejected: Array
    ) -> Array:
        a, b = log_ratios(chosen, rejected, reference_chosen, reference_rejected)
        return logistic(xp, self.beta * (a - b), self.label_smoothing)


@dataclass(frozen=True, kw_only=True)
class RobustDirectPreferenceOptimization(PreferencePair):
    """DPO unbiased under wrong labels: ℓ = (−(1 − ε) log σ(h) + ε log σ(−h)) / (1 − 2ε), h = β(a − b).

    Its expectation under labels of which a share ε is flipped is DPO's under right ones. Shapes: all four inputs alike,
    any, as for DirectPreferenceOptimization. Unit: nats. Range: any real number. beta > 0; flip_rate ε in [0, ½).
    Source: Ray Chowdhury, Kini & Natarajan 2024, arXiv:2403.00409. As TRL's loss_type="robust" (its label_smoothing).
    """

    flip_rate: float = 0.1

    aliases = ("RobustDPO",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: loss.beta * (1 - loss.flip_rate) / (1 - 2 * loss.flip_rate),
        non_negative=lambda loss: loss.flip_rate == 0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.flip_rate < 0.5:
            raise ValueError(f"flip_rate: expected a number in [0, 0.5), got {self.flip_rate}")

    def formula(
        self, xp: Any, chosen: Array, rejected: Array, reference_chosen: Array, reference_rejected: Array
    ) -> Array:
        a, b = log_ratios(chosen, rejected, reference_chosen, reference_rejected)
        h = self.beta * (a - b)
        # By log σ(−h) = log σ(h) − h: the logistic loss, and a line.
        return xp.softplus(-h) - self.flip_rate / (1 - 2 * self.flip_rate) * h


@dataclass(frozen=True, kw_only=True)
class IdentityPreferenceOptimization(PreferencePair):
    """IPO: ℓ = (a − b − 1/2β)², a and b the log-ratios of the chosen and the rejected answer to the reference.

    Unlike DPO's, its best margin 1/2β is finite also where one answer always wins. Shapes: all four inputs alike, any:
    log-probabilities of answers; means over their tokens, by which the paper's results were made (as in TRL), so that
    beta means the same for every length. Range: [0, ∞). beta > 0 is the paper's τ.
    Source: Azar et al. 2023, arXiv:2310.12036, equation 17. As TRL's loss_type="ipo".
    """

    aliases = ("IPO",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(
        self, xp: Any, chosen: Array, rejected: Array, reference_chosen: Array, reference_rejected: Array
    ) -> Array:
        a, b = log_ratios(chosen, rejected, reference_chosen, reference_rejected)
        return xp.square((a - b) - 1 / (2 * self.beta))


@dataclass(frozen=True, kw_only=True)
class SequenceLikelihoodCalibration(PreferencePair):
    """Hinge on a preference: ℓ = max(0, m − β(a − b)), a and b log-ratios to the reference, or plain log-probabilities.

    Shapes: all inputs alike, any: log-probabilities of whole answers. Without the two reference inputs and with
    beta = 1 it is the calibration term of SLiC-HF (add the likelihood of the chosen answer, −chosen, times its weight);
    with them the hinge of RSO. Range: [0, ∞). beta > 0; margin m > 0. The derivative at the kink is 0.
    TypeError where only one reference is given.
    Source: Zhao et al. 2023, arXiv:2305.10425; Liu et al. 2023, arXiv:2309.06657. As TRL's loss_type="hinge" (m = 1).
    """

    margin: float = 1.0

    aliases = ("SLiC", "HingePreference")
    facts = Facts(convex=True, smooth=0, gradient_bound=lambda loss: loss.beta, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(margin=self.margin)

    def formula(
        self,
        xp: Any,
        chosen: Array,
        rejected: Array,
        reference_chosen: Array | None = None,
        reference_rejected: Array | None = None,
    ) -> Array:
        if (reference_chosen is None) != (reference_rejected is None):
            raise TypeError("SequenceLikelihoodCalibration: give both reference_chosen and reference_rejected, or none")
        if reference_chosen is not None:
            chosen, rejected = log_ratios(chosen, rejected, reference_chosen, reference_rejected)
        return xp.relu(self.margin - self.beta * (chosen - rejected))


@dataclass(frozen=True, kw_only=True)
class EfficientExactOptimization(PreferencePair):
    """EXO for pairs: ℓ = KL(p ‖ q) of p = (σ(h), σ(−h)) from q = (1 − ε, ε), h = β(a − b). The reverse KL of DPO's.

    Shapes: all four inputs alike, any: log-probabilities of whole answers. Unit: nats. Range: [0, log 1/ε); 0 where
    σ(h) = 1 − ε. beta > 0; label_smoothing ε in (0, ½) is the share of wrong labels. Not convex: its pull fades where h
    is far off. Source: Ji et al. 2024, arXiv:2402.00856, equation 16. As TRL's loss_type="exo_pair".
    """

    label_smoothing: float = 1e-3

    aliases = ("EXO",)
    facts = Facts(convex=False, smooth=2, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.label_smoothing < 0.5:
            raise ValueError(f"label_smoothing: expected a number in (0, 0.5), got {self.label_smoothing}")

    def formula(
        self, xp: Any, chosen: Array, rejected: Array, reference_chosen: Array, reference_rejected: Array
    ) -> Array:
        a, b = log_ratios(chosen, rejected, reference_chosen, reference_rejected)
        h = self.beta * (a - b)
        for_chosen = xp.sigmoid(h) * (xp.log_sigmoid(h) - math.log1p(-self.label_smoothing))
        for_rejected = xp.sigmoid(-h) * (xp.log_sigmoid(-h) - math.log(self.label_smoothing))
        return for_chosen + for_rejected


@dataclass(frozen=True, kw_only=True)
class NoiseContrastiveAlignment(PreferencePair):
    """NCA for pairs: ℓ = −log σ(βa) − ½ log σ(−βa) − ½ log σ(−βb), a and b log-ratios to the reference.

    It holds the chosen answer's own log-probability up, where DPO only widens the gap. Shapes: all four inputs alike,
    any: log-probabilities of whole answers. Unit: nats. Range: (0, ∞). beta > 0.
    Source: Chen et al. 2024, arXiv:2402.05369. As TRL's loss_type="nca_pair".
    """

    aliases = ("NCA",)
    facts = Facts(convex=True, smooth=2, gradient_bound=lambda loss: loss.beta, non_negative=True)

    def formula(
        self, xp: Any, chosen: Array, rejected: Array, reference_chosen: Array, reference_rejected: Array
    ) -> Array:
        a, b = log_ratios(chosen, rejected, reference_chosen, reference_rejected)
        a, b = self.beta * a, self.beta * b
        return xp.softplus(-a) + (xp.softplus(a) + xp.softplus(b)) / 2


@dataclass(frozen=True, kw_only=True)
class SelfPlayPreferenceOptimization(PreferencePair):
    """SPPO with hard labels: ℓ = (a − 1/2β)² + (b + 1/2β)², a and b log-ratios to the reference.

    Each answer is drawn to its own log-ratio, the chosen one to 1/2β, the rejected one to −1/2β. Shapes: all four
    inputs alike, any: log-probabilities of whole answers. Range: [0, ∞). beta > 0 is 1/η of the paper (1e-3 there).
    Source: Wu et al. 2024, arXiv:2405.00675, equation 4.7. As TRL's loss_type="sppo_hard".
    """

    aliases = ("SPPO",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(
        self, xp: Any, chosen: Array, rejected: Array, reference_chosen: Array, reference_rejected: Array
    ) -> Array:
        a, b = log_ratios(chosen, rejected, reference_chosen, reference_rejected)
        return xp.square(a - 1 / (2 * self.beta)) + xp.square(b + 1 / (2 * self.beta))


@dataclass(frozen=True, kw_only=True)
class AnchoredPreferenceOptimization(PreferencePair):
    """APO: which way both answers go is chosen, not left to their gap. a and b are log-ratios to the reference.

    direction "zero": ℓ = σ(−βa) + σ(βb): the chosen answer goes up, the rejected one down; for chosen answers better
    than the model's own. "down": ℓ = σ(βa) + σ(−β(a − b)): both go down, the rejected one more; for chosen answers that
    are worse. Shapes: all four inputs alike, any: log-probabilities of whole answers. Range: (0, 2). beta > 0.
    Not convex: pairs far from the reference hardly pull.
    Source: D'Oosterlinck et al. 2024, arXiv:2408.06266, equations 7 and 8. As TRL's "apo_zero" and "apo_down".
    """

    direction: Literal["zero", "down"] = "zero"

    aliases = ("APO",)
    facts = Facts(convex=False, smooth=2, gradient_bound=lambda loss: loss.beta / 4, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("zero", "down"), direction=self.direction)

    def formula(
        self, xp: Any, chosen: Array, rejected: Array, reference_chosen: Array, reference_rejected: Array
    ) -> Array:
        a, b = log_ratios(chosen, rejected, reference_chosen, reference_rejected)
        if self.direction == "zero":
            return xp.sigmoid(-self.beta * a) + xp.sigmoid(self.beta * b)
        return xp.sigmoid(self.beta * a) + xp.sigmoid(self.beta * (b - a))


@dataclass(frozen=True, kw_only=True)
class DiscoveredPreferenceOptimization(PreferencePair):
    """DiscoPOP: ℓ = −σ(−h/τ) log σ(h) + σ(h/τ) e⁻ʰ, h = β(a − b): logistic for wrong pairs, exponential for right ones.

    Shapes: all four inputs alike, any: log-probabilities of whole answers. Unit: nats. Range: (0, ∞). beta > 0;
    temperature τ in (0, 1): the width in h of the change from one to the other, where the loss is not convex for small
    τ. Found by a language model's search. Source: Lu et al. 2024, arXiv:2406.08414, equation 5. As TRL's "discopop".
    """

    temperature: float = 0.05

    aliases = ("DiscoPOP", "LogRatioModulatedLoss")
    facts = Facts(convex=lambda loss: False if loss.temperature < 0.1 else None, smooth=2, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.temperature < 1:
            raise ValueError(f"temperature: expected a number between 0 and 1, both excluded, got {self.temperature}")

    def formula(
        self, xp: Any, chosen: Array, rejected: Array, reference_chosen: Array, reference_rejected: Array
    ) -> Array:
        a, b = log_ratios(chosen, rejected, reference_chosen, reference_rejected)
        h = self.beta * (a - b)
        wide = h / self.temperature
        # One exponential of a sum: e⁻ʰ alone overflows where its weight is 0.
        return xp.sigmoid(-wide) * xp.softplus(-h) + xp.exp(xp.log_sigmoid(wide) - h)
