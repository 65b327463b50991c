"""Whether inputs and targets come in a scale that gradient descent can work with."""

from __future__ import annotations

from losskit.doctor.evidence.floor import ABSOLUTE, SQUARED
from losskit.doctor.evidence.outcome import the_loss
from losskit.recording.facts import TensorFacts
from losskit.recording.recording import Recording

# A linear layer's Hessian is the second moment of its inputs E[x xᵀ] (LeCun, Bottou, Orr & Müller, Efficient BackProp,
# 1998, §5.3): features whose deviations differ 100-fold give it a condition number of 10⁴ or more; inputs of size s
# make it s² larger than unit ones: two orders of magnitude at s = 10, a customary rate's whole margin.
RATIO = 100.0
SIZE = 10.0

NORMALISERS = ("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "Normalization", "Rescaling", "RMSNorm")
LOOKUPS = ("Embedding", "StringLookup", "IntegerLookup", "TextVectorization")


def unscaled_inputs(recording: Recording) -> dict[str, float] | None:
    """The numbers that show features of very different or very large scale; None when the scale is fine.

    Silent when the model itself begins with a normalisation or a lookup.
    """
    facts = recording.inputs
    first = min(recording.layers, key=lambda layer: layer.depth, default=None)
    if facts is None or facts.std is None or facts.mean is None:
        return None
    if first is not None and any(word in first.kind for word in NORMALISERS + LOOKUPS):
        return None
    shown: dict[str, float] = {}
    low, high = facts.feature_std_minimum, facts.feature_std_maximum
    if low is not None and high is not None and low > 0 and high / low >= RATIO and high > 1:
        shown["feature_std_ratio"] = high / low
    size = (facts.mean**2 + facts.std**2) ** 0.5
    if size > SIZE:
        shown["root_mean_square"] = size
    centre = facts.feature_mean_absolute_maximum
    if centre is not None and high is not None and centre > SIZE * max(high, 1.0):
        shown["feature_mean_absolute_maximum"] = centre
    if not shown:
        return None
    return shown | _extent(facts)


def unscaled_targets(recording: Recording) -> dict[str, float] | None:
    """The numbers that show the targets of a squared or absolute loss far from unit scale; None otherwise."""
    call = the_loss(recording)
    if call is None or call.loss not in SQUARED | ABSOLUTE or call.target is None:
        return None
    facts = call.target
    if facts.mean is None or facts.std is None or max(abs(facts.mean), facts.std) <= SIZE:
        return None
    if recording.data is not None and recording.data.target_outlier_weight >= 0.5:  # the scale is that of outliers
        return None
    return {"mean": facts.mean, "std": facts.std} | _extent(facts)


def _extent(facts: TensorFacts) -> dict[str, float]:
    return {
        name: value for name, value in (("minimum", facts.minimum), ("maximum", facts.maximum)) if value is not None
    }
