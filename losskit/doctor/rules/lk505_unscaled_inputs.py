"""LK505: features of very different or very large scale make the training slow or unstable."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.outcome import adversarial, skill, suffering
from losskit.doctor.evidence.place import discarded_place, input_place
from losskit.doctor.evidence.rate import ordinary_rate
from losskit.doctor.evidence.scale import unscaled_inputs
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    shown = unscaled_inputs(recording)
    if shown is None or adversarial(recording):
        return
    trouble = suffering(recording)
    said = []
    if "feature_std_ratio" in shown:
        said.append(f"the deviations of the features differ {shown['feature_std_ratio']:.0f}-fold")
    if "minimum" in shown:
        said.append(f"values reach from {shown['minimum']:.3g} to {shown['maximum']:.3g}")
    yield rule.finding(
        f"The inputs are not scaled: {' and '.join(said)}{f'; {trouble}' if trouble else ''}.",
        place=discarded_place(recording, "inputs") or input_place(recording),
        confidence=(0.92 if ordinary_rate(recording) else 0.6) if trouble else 0.5,
        severity=None if trouble else "info",
        evidence={**shown, "skill": skill(recording)},
    )


RULE = Rule(
    code="LK505",
    name="unscaled-inputs",
    severity="error",
    what="The input features have very different or very large scales.",
    why=(
        "The curvature of the loss along a weight grows with the square of its feature: no single rate suits all of "
        "them, and large inputs saturate or kill the units of the first layer."
    ),
    fix="Standardise each feature with the mean and the standard deviation of the training data.",
    thresholds=(
        "Feature deviations differ 100-fold (a condition number of 10⁴: LeCun et al., Efficient BackProp, 1998), the "
        "root mean square of the inputs is above 10, or a feature's mean is 10 times its spread; and the loss "
        "diverges or the run gains less than half of what chance leaves. Without that harm it is only mentioned."
    ),
    needs=("TensorFacts of the inputs", "loss"),
    false_alarms=0.01,
    check=check,
    explains=(
        "LK201",
        "LK202",
        "LK205",
        "LK206",
        "LK302",
        "LK303",
        "LK304",
        "LK306",
        "LK402",
        "LK403",
        "LK404",
        "LK405",
        "LK503",
    ),
)
