"""Diagnoses and Recordings to render: the kinds of pages that people will see, and the ones that should never break."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from losskit.doctor.finding import Diagnosis, Finding, Remedy
from losskit.recording.facts import (
    End,
    Event,
    Layer,
    LossCall,
    Metric,
    OptimizerFacts,
    Place,
    Progress,
    Start,
    TensorFacts,
)
from losskit.recording.recording import Recording, Signal
from losskit.trials.trial import Trial

HOSTILE = """</script></style></title><img src=x onerror=alert(1)>"'`&amp;<!--\x1b[31m\u202e\ud800"""

SOURCE = """import torch
from torch import nn

model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
criterion = nn.CrossEntropyLoss()
"""
DIFF = """--- a/train.py
+++ b/train.py
@@ -17,9 +17,8 @@
 model = nn.Sequential(
     nn.Linear(64, 128),
     nn.ReLU(),
-    nn.Linear(128, 10),
-    nn.Softmax(dim=1),
+    nn.Linear(128, 10),
 )
 optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
 criterion = nn.CrossEntropyLoss()
"""


def double_softmax() -> Diagnosis:
    """A cause with an accepted patch, a trial over three seeds, and a finding of its own."""
    recording = classifier()
    trial = paired_trial()
    remedy = Remedy(
        "drop-activation", "Return raw scores: drop the softmax at the end of the model", SOURCE, DIFF, trial
    )
    cause = Finding(
        "LK101",
        "double-activation",
        "error",
        0.98,
        "The model ends in softmax, and nn.CrossEntropyLoss applies softmax again. "
        "Fed with values in [0, 1], the loss cannot fall below 1.461 for 10 classes.",
        Place("train.py", 21),
        {"function": "nn.CrossEntropyLoss", "expects": "logits", "activation": "softmax", "axis": 1,
         "prediction_minimum": 3.1e-9, "prediction_maximum": 0.99987, "row_sum_minimum": 0.9999998,
         "row_sum_maximum": 1.0000002},
        ("LK404", "LK402"),
        (remedy,),
    )  # fmt: skip
    second = Finding(
        "LK505",
        "unscaled-inputs",
        "warning",
        0.7,
        "The inputs run from 0 to 16. Layers expect values of about one.",
        Place("train.py", 9),
        {"minimum": 0.0, "maximum": 16.0, "features": [0.1, 15.2, 7.3], "per_column": {"a": 1.0, "b": [1, 2]}},
        (),
        (Remedy("standardise", "Divide the inputs by 16", SOURCE, DIFF.replace("64", "65")),),
    )
    return Diagnosis(
        "train.py", "torch", 0, recording.metric, 0.0123, (cause, second), recording,
        patched_source=SOURCE, patched="patched.py",
        notes=("The validation pass ran only twice.", "`torch.compile` hides the inside of one module."),
    )  # fmt: skip


def rate_too_high() -> Diagnosis:
    """A loss that climbs over ten decades and is lost; the patch that was tried did not help."""
    recording = Recording(
        start=Start("train.py", (), "torch", {"torch": "2.13.0"}, 0), progress=Progress(300, 3, 32, 3200)
    )
    rng = np.random.default_rng(1)
    for step in range(300):
        value = 2.3 * math.exp(0.12 * step) * rng.uniform(0.7, 1.4) if step < 220 else math.nan
        recording.measure("loss", step, value)
        recording.measure("rate", step, 10.0)
        for layer, size in (("fc1", 1.0), ("fc2", 3.0), ("head", 9.0)):
            recording.measure(f"gradient_norm/{layer}", step, size * value)
    recording.optimizers.append(OptimizerFacts("SGD", Place("train.py", 12), {"lr": 10.0, "momentum": 0.0}, 1200))
    recording.events.append(Event("non-finite", "the loss is NaN", 220, Place("train.py", 30)))
    recording.loss_calls.append(
        LossCall("SquaredError", "nn.MSELoss", "torch", "values", Place("train.py", 30), calls=300,
                 prediction=TensorFacts((32, 1), "float32", 300, -4.2e3, 3.9e3, 12.0, 800.0, 12),
                 target=TensorFacts((32, 1), "float32", 300, 12.0, 340.0, 152.0, 77.0))
    )  # fmt: skip
    recording.end = End(0, 4.2, 0.05, 3.1)
    trial = Trial(
        "r2", (0, 1), (None, None), (0.02, None), False, "With the patch one of two runs still gave no metric."
    )
    finding = Finding(
        "LK401",
        "rate-too-high",
        "error",
        0.95,
        "The learning rate 10 of SGD (0.01 is customary) is too high: the loss grew from 2.3 to 5.1e11; "
        "a step changes the weights by 310%.",
        Place("train.py", 12),
        {"rate": 10.0, "customary_rate": 0.01, "loss_peak": 5.1e11, "loss_end": math.nan, "non_finite_step": 220},
        ("LK201",),
        (Remedy("lower-rate", "Lower the learning rate to 0.1", SOURCE, DIFF, trial),),
    )
    return Diagnosis("train.py", "torch", 0, None, 0.016, (finding,), recording)


def healthy() -> Diagnosis:
    """No finding: a calm page."""
    recording = classifier(healthy=True)
    return Diagnosis("train.py", "keras", 0, recording.metric, 0.004, (), recording)


def crashed() -> Diagnosis:
    """A script that stopped before the first step."""
    text = (
        "Traceback (most recent call last):\n"
        '  File "train.py", line 31, in <module>\n    loss = criterion(model(x), y)\n'
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x64 and <128>x10)\n"
    )
    recording = Recording(start=Start("train.py"), end=End(1, 1.2, traceback=text, reason="exception"))
    return Diagnosis("train.py", "torch", 1, None, None, (), recording)


def empty() -> Diagnosis:
    return Diagnosis("train.py", None, 0, None, None, (), Recording())


def hostile() -> Diagnosis:
    """The same hostile string in every field that can hold text."""
    h, place = HOSTILE, Place(HOSTILE, 3)
    recording = Recording(
        start=Start(h, (h,), h, {h: h}, 0),
        end=End(3, 1.0, traceback=h, reason=h),
        metric=Metric(h, 0.5, h, 0.5, 10, 0.1),
        inputs=TensorFacts((1,), h, 1, 0.0, 1.0),
        optimizers=[OptimizerFacts(h, place, {h: h}, 3, (h,), 1, h)],
        layers=[Layer(f"{i}{h}", h, i, place, h, 3, 3, (1,), {h: h}) for i in range(6)],
        events=[Event(kind, h, 1, place, {h: h}) for kind in ("warning", "blind", h)],
    )
    tensor = TensorFacts((2, 3), h, 1, 0.0, 1.0, 0.5, 0.1, 0, True, distinct={h: 3, "1": 2})
    recording.loss_calls.append(LossCall(h, h, h, h, place, place, prediction=tensor, target=tensor, arguments={h: h}))
    for step in range(5):
        for name in ("loss", "metric", "validation/loss", "rate", "prediction/mean"):
            recording.measure(name, step, step)
        for i in range(6):
            recording.measure(f"gradient_norm/{i}{h}", step, step + 1)
        recording.measure(f"dead_fraction/{h}", step, 0.5)
    curve = Signal(h, [0, 1, 2], [0.1, 0.2, 0.3])
    trial = Trial(h, (0, 1), (0.1, 0.2), (0.3, None), True, h, 1.0, (curve,), (curve,))
    remedies = (Remedy(h, h, h, f"--- a/{h}\n+++ b/{h}\n@@ -1 +1 @@\n-{h}\n+{h}\n", trial), Remedy(h, h, h, h))
    finding = Finding(h, h, "error", 0.5, h, place, {h: h, "a": [h, {h: h}]}, (h,), remedies)
    found = (finding, replace(finding, code="LK999"), replace(finding, code="LK998", severity=h))  # type: ignore[arg-type]
    return Diagnosis(
        h, h, 3, recording.metric, 0.5, found, recording,
        patched_source=h, patched=h, report=h, final_trial=trial, notes=(h,),
    )  # fmt: skip


def huge() -> Diagnosis:
    """100,000 steps, 60 layers, 64 classes, twelve seeds."""
    diagnosis = double_softmax()
    steps = list(range(100_000))
    rng = np.random.default_rng(2)
    recording = classifier(layers=60, steps=2000)
    noise = rng.normal(size=(3, len(steps)))
    for name, values in (
        ("loss", np.exp(-np.arange(len(steps)) / 2e4) + 0.1 * noise[0]),
        ("metric", 0.5 + 0.1 * noise[1]),
        ("gradient_norm", np.abs(noise[2])),
        ("rate", np.linspace(1, 0, len(steps))),
    ):
        recording.signals[name] = Signal(name, steps, values.tolist())
    recording.signals["loss"].values[70_000] = -50.0
    recording.signals["loss"].values[50_000] = math.inf
    target = TensorFacts((64,), "int64", 9, 0, 63, distinct={str(i): i + 1 for i in range(64)})
    recording.loss_calls = [replace(recording.loss_calls[0], target=target)]
    recording.events = [Event("warning", f"warning {i}", i) for i in range(500)]
    curves = tuple(Signal("accuracy", list(range(20_000)), rng.random(20_000).tolist()) for _ in range(12))
    trial = replace(
        paired_trial(), seeds=tuple(range(12)), before=(0.4,) * 12, after=(0.9,) * 12,
        before_curves=curves, after_curves=curves,
    )  # fmt: skip
    return replace(diagnosis, recording=recording, final_trial=trial)


def verbose() -> Diagnosis:
    """Every text far too long, and a long run."""
    diagnosis = huge()
    recording = diagnosis.recording
    recording.end = End(1, 900.0, 3.0, 800.0, traceback="a long line of a traceback " * 20_000)
    recording.events = [Event("warning", "w" * 5000, i) for i in range(500)]
    diff = DIFF + "".join(f"+{'x' * 90}\n" for _ in range(50_000))
    remedies = tuple(Remedy(f"r{i}", "t" * 3000, "", diff, paired_trial()) for i in range(4))
    evidence = {f"{'k' * 200} {i}": ["v" * 5000] * 50 for i in range(300)}
    finding = replace(diagnosis.findings[0], remedies=remedies, evidence=evidence, message="long words " * 5000)
    found = (finding, *(replace(finding, code=f"LK9{i:02}") for i in range(30)))
    return replace(diagnosis, exit=1, recording=recording, findings=found, diff=diff, notes=("n" * 5000,) * 100)


def paired_trial() -> Trial:
    rng = np.random.default_rng(3)
    steps = list(range(0, 401, 20))

    def curve(end: float) -> Signal:
        rise = end - (end - 0.1) * np.exp(-np.array(steps) / 90)
        return Signal("accuracy", list(steps), np.clip(rise + rng.normal(0, 0.012, len(steps)), 0, 1).tolist())

    before, after = (0.412, 0.386, 0.441), (0.969, 0.974, 0.972)
    return Trial(
        "accuracy", (0, 1, 2), before, after, True,
        "Accuracy rose with every one of 3 seeds, by 0.558 on average (interval 0.51 to 0.61).",
        23.4, tuple(map(curve, before)), tuple(map(curve, after)),
    )  # fmt: skip


def classifier(*, healthy: bool = False, layers: int = 6, steps: int = 400) -> Recording:
    """Ten classes; without `healthy` the loss stays above 1.46."""
    rng = np.random.default_rng(0)
    floor = 0.05 if healthy else 1.72
    recording = Recording(
        start=Start(
            "train.py", ("--epochs", "5"), "torch", {"python": "3.11.2", "torch": "2.13.0", "numpy": "2.2.1"}, 0
        ),
        end=End(0, 12.3, 0.11, 9.2),
        progress=Progress(steps, 5, 64, 1437, 360),
        metric=Metric("accuracy", 0.974 if healthy else 0.412, "validation", 0.974, 360, 0.108),
        inputs=TensorFacts((64, 64), "float32", 400, 0.0, 16.0, 4.88, 6.02),
        optimizers=[OptimizerFacts("SGD", Place("train.py", 24), {"lr": 0.05, "momentum": 0.9}, 9610, steps=steps)],
        events=[
            Event("warning", "The given NumPy array is not writable", 0, Place("train.py", 8)),
            Event("blind", "Module `encoder` is compiled: its layers were not watched."),
        ],
    )
    target = TensorFacts((64,), "int64", 400, 0, 9, 4.5, 2.9, 0, True,
                         distinct=dict(zip("0123456789", range(139, 149), strict=True)))  # fmt: skip
    recording.loss_calls.append(
        LossCall("CrossEntropy", "nn.CrossEntropyLoss", "torch", "logits", Place("train.py", 38), Place("train.py", 25),
                 calls=steps, prediction=TensorFacts((64, 10), "float32", 400, 0.0, 0.9999, 0.1, 0.21), target=target)
    )  # fmt: skip
    names = [f"encoder.block{i // 6}.layers.{i % 6}.linear" for i in range(layers)] if layers > 8 else [
        "0.Linear", "2.Linear", "4.Linear", "6.Linear", "8.Linear", "head"][:layers]  # fmt: skip
    recording.layers += [
        Layer(name, "Linear", depth, parameters=1600, trainable=1600) for depth, name in enumerate(names)
    ]
    for step in range(steps):
        progress = math.exp(-step / 70)
        recording.measure("loss", step, floor + (2.31 - floor) * progress + abs(rng.normal(0, 0.03)))
        recording.measure(
            "metric", step, float(np.clip((0.95 if healthy else 0.4) * (1 - progress) + rng.normal(0, 0.05), 0, 1))
        )
        recording.measure("rate", step, 0.05 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        recording.measure("prediction/mean", step, 0.1)
        recording.measure("prediction/std", step, 0.05 + 0.2 * (1 - progress))
        if step % 4 == 0:
            for depth, name in enumerate(names):
                size = 10 ** (-0.75 * (len(names) - depth) * (0.2 if healthy or layers > 8 else 1))
                recording.measure(f"gradient_norm/{name}", step, size * (0.3 + progress) * rng.uniform(0.6, 1.6))
                recording.measure(f"update_ratio/{name}", step, 1e-3 * size**0.3 * rng.uniform(0.6, 1.6))
                recording.measure(
                    f"dead_fraction/{name}", step, 0.0 if healthy else min(1.0, 0.1 * depth * (1 - progress))
                )
    for step in range(79, steps, 80):
        progress = math.exp(-step / 70)
        recording.measure("validation/loss", step, floor + 0.03 + (2.31 - floor) * progress)
        recording.measure("validation/metric", step, (0.974 if healthy else 0.412) - 0.35 * progress)
    return recording
