"""LK203: float16 has too few numbers for this run: values overflow at 65504, gradients and Adam's eps vanish."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.numbers import climbed, gradient_lost_at, lost_at
from losskit.doctor.evidence.outcome import suffering
from losskit.doctor.evidence.place import first_site
from losskit.doctor.evidence.precision import (
    LARGEST,
    SMALLEST,
    half_place,
    half_weights,
    in_half,
    largest_value,
    scaled,
    unholdable,
    vanished_in_half,
)
from losskit.doctor.evidence.rate import ordinary_rate, the_optimizer
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    trouble = suffering(recording)
    if not in_half(recording) or trouble is None:
        return
    lost = lost_at(recording) is not None or gradient_lost_at(recording) is not None
    vanished, largest, optimizer = vanished_in_half(recording), largest_value(recording), the_optimizer(recording)
    eps = optimizer.settings.get("eps", optimizer.settings.get("epsilon")) if optimizer is not None else None
    constant = unholdable(recording) if lost and (largest is None or largest <= LARGEST / 2) else None
    told = []
    if constant is not None:
        told.append(f"{constant.detail} is beyond what it can hold")
    if largest is not None and largest > LARGEST / 2:
        told.append(f"values reach {largest:.3g}, and float16 ends at {LARGEST:.0f}")
    if optimizer is not None and isinstance(eps, float) and eps < SMALLEST / 2 and half_weights(recording):
        told.append(f"{optimizer.kind}'s eps of {eps:g} is 0 in float16")
    if vanished and not scaled(recording):
        told.append(f"the gradients of {len(vanished)} layers are below its smallest number, {SMALLEST:.1g}")
    if not lost and not vanished:
        return
    ordinary = ordinary_rate(recording) and not climbed(recording)
    yield rule.finding(
        f"The model computes in float16: {'; '.join([*told, trouble])}.",
        place=(constant.place if constant is not None else None)
        or half_place(recording)
        or first_site(recording, "model", "compile", "forward"),
        confidence=(0.97 if told or lost else 0.9) if ordinary else 0.7,
        evidence={
            "largest_value": largest,
            "constant": constant.detail if constant is not None else None,
            "eps": eps,
            "scaler": scaled(recording),
            "vanished_gradients": vanished,
            "step": lost_at(recording),
        },
    )


RULE = Rule(
    code="LK203",
    name="low-precision-range",
    severity="error",
    what="Numbers of the run lie outside of what float16 can hold.",
    why=(
        "float16 has 5 bits of exponent: above 65504 comes infinity, below 6e-8 zero, and a weight does not change by "
        "less than 0.05 % of its size. bfloat16 has the range of float32."
    ),
    fix=(
        "Keep the weights in float32 and compute under autocast with bfloat16, or with float16 and a GradScaler "
        "(Keras: mixed_bfloat16, or scale the loss by the optimizer's scale_loss); scale inputs to unit size."
    ),
    thresholds=(
        "float16 in use, and the loss or gradient lost, or a layer's usual mean |gradient| below 2⁻²⁴, in a run that "
        "gained less than half of what chance leaves. 65504, 2⁻²⁴: IEEE 754 binary16; Micikevicius et al., Mixed "
        "Precision Training (arXiv 1710.03740)."
    ),
    needs=("Site precision or LossCall dtypes", "loss"),
    false_alarms=0.001,
    check=check,
    explains=("LK201", "LK202", "LK204", "LK205", "LK206", "LK301", "LK402", "LK404", "LK406", "LK505"),
)
