"""LK201 to LK206: formulas that leave the finite numbers, number types and schedules, line for line."""

from __future__ import annotations

from typing import Any

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import remedies
from losskit.recording.facts import OptimizerFacts, Place, ScheduleFacts
from losskit.recording.recording import Recording

TORCH = "import torch\nimport torch.nn.functional as F\n"
KERAS = "import keras\nfrom keras import ops\n"
TENSORFLOW = "import tensorflow as tf\n"


def first(code: str, source: str, recording: Recording | None = None, **evidence: Any) -> str | None:
    """The text that the first remedy leaves, for a finding in the last line."""
    finding = Finding(code, "", "error", 0.9, "", Place("train.py", source.count("\n") + 1), evidence)
    found = remedies(finding, recording or Recording(), source, "train.py")
    for one in found:
        compile(one.source, "train.py", "exec")
    return found[0].source if found else None


@pytest.mark.parametrize(
    ("start", "before", "after"),
    [
        (TORCH, "l = torch.log(torch.sigmoid(x))", "l = F.logsigmoid(x)"),
        (TORCH, "l = torch.softmax(x, dim=1).log()", "l = F.log_softmax(x, dim=1)"),
        (TORCH, "l = torch.log(1 - torch.sigmoid(x + 2))", "l = F.logsigmoid(-(x + 2))"),
        (TORCH, "l = torch.log(torch.exp(x).sum(1))", "l = torch.logsumexp(x, 1)"),
        (
            TORCH,
            "l = torch.log(p) + (1 - p).log()",
            "l = torch.log(p.clamp(min=1e-7)) + ((1 - p).clamp(min=1e-7)).log()",
        ),
        (KERAS, "l = ops.log(p)", "l = ops.log(ops.maximum(p, 1e-7))"),
        (TENSORFLOW, "l = tf.math.log(1 - p)", "l = tf.math.log(tf.maximum(1 - p, 1e-7))"),
        (TORCH, "l = torch.log(p.clamp(min=1e-6))", None),
        ("import math\n", "l = math.log(3)", None),
    ],
)
def test_logarithms(start: str, before: str, after: str | None) -> None:
    assert first("LK204", start + before, of=["sigmoid"]) == (None if after is None else start + after)


@pytest.mark.parametrize(
    ("start", "before", "after"),
    [
        (TORCH, "p = 1 / (1 + torch.exp(-x))", "p = torch.sigmoid(x)"),
        (TORCH, "l = torch.log(1 + torch.exp(x))", "l = F.softplus(x)"),
        (TORCH, "l = torch.log1p(torch.exp(-x * y))", "l = F.softplus(-x * y)"),
        (KERAS, "p = 1.0 / (1.0 + ops.exp(-x))", "p = ops.sigmoid(x)"),
        (TORCH, "e = torch.exp(x)", "e = torch.exp((x - x.amax(-1, keepdim=True)))"),
        (KERAS, "e = ops.exp(x)", "e = ops.exp((x - ops.max(x, axis=-1, keepdims=True)))"),
    ],
)
def test_exponentials(start: str, before: str, after: str) -> None:
    assert first("LK204", start + before, of=["sum", "exp"]) == start + after


@pytest.mark.parametrize(
    ("operation", "start", "before", "after"),
    [
        ("sqrt", TORCH, "d = torch.sqrt((a - b).sum(1))", "d = torch.sqrt((a - b).sum(1) + 1e-12)"),
        ("sqrt", TORCH, "d = (a - b).sum(1).sqrt()", "d = ((a - b).sum(1) + 1e-12).sqrt()"),
        ("pow", TORCH, "d = (a - b).sum(1) ** 0.5", "d = ((a - b).sum(1) + 1e-12) ** 0.5"),
        ("acos", TORCH, "t = torch.acos(c)", "t = torch.acos(c.clamp(-1 + 1e-6, 1 - 1e-6))"),
        ("acos", KERAS, "t = ops.arccos(c)", "t = ops.arccos(ops.clip(c, -1 + 1e-6, 1 - 1e-6))"),
        ("div", TORCH, "u = x / x.norm(dim=1)", "u = x / (x.norm(dim=1) + 1e-8)"),
        ("hypot", TORCH, "h = torch.hypot(a, b)", "h = torch.sqrt((a) ** 2 + (b) ** 2 + 1e-12)"),
        ("sqrt", TENSORFLOW, "d = tf.sqrt(s)", "d = tf.sqrt(s + 1e-12)"),
        ("div", TORCH, "m = x.sum() / len(x)", None),
    ],
)
def test_arguments(operation: str, start: str, before: str, after: str | None) -> None:
    assert first("LK202", start + before, operation=operation) == (None if after is None else start + after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TORCH + "net = net.half()", TORCH + "net = net.float()"),
        (
            TORCH + "with torch.autocast('cpu', dtype=torch.float16):\n    pass",
            TORCH + "with torch.autocast('cpu', dtype=torch.bfloat16):\n    pass",
        ),
        (TORCH + "net.to(torch.float16)", TORCH + "net.to(torch.float32)"),
        (KERAS + "keras.config.set_floatx('float16')", KERAS + "keras.config.set_floatx('float32')"),
        (
            KERAS + "keras.mixed_precision.set_global_policy('mixed_float16')",
            KERAS + "keras.mixed_precision.set_global_policy('mixed_bfloat16')",
        ),
    ],
)
def test_number_types(before: str, after: str) -> None:
    assert first("LK203", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TORCH + "for e in r:\n    s.step()\ns = E(opt, 1.6)", TORCH + "for e in r:\n    pass\ns = E(opt, 1.6)"),
        (KERAS + "m.fit(x, callbacks=[c, s])\ns = S(f)", KERAS + "m.fit(x, callbacks=[c])\ns = S(f)"),
    ],
)
def test_a_schedule_that_raises_the_rate_is_left_out(before: str, after: str) -> None:
    made = Place("train.py", before.count("\n") + 1)
    optimizer = OptimizerFacts("Adam", None, steps=9, schedule=ScheduleFacts("E", made))
    recording = Recording(optimizers=[optimizer])
    assert first("LK206", before, recording, rate_at_lowest=0.1, rate_at_end=1.0) == after
