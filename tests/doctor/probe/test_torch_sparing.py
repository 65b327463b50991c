"""Most steps are not looked at: what is still seen of them, and which steps are."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from losskit.doctor.probe import session as session_module
from losskit.doctor.probe.session import OVERDUE, SHARE, SHARE_OF_SHORT_STEPS, WARM_UP, Budget
from tests.doctor.probe.running import probed

pytest.importorskip("torch")

TRAINING = """
    import sys
    import torch
    from torch import nn
    from torch.nn.functional import binary_cross_entropy_with_logits as value
    torch.manual_seed(0)
    X = torch.randn(64, 4)
    t = (X.sum(1, keepdim=True) > 0).float()
    held_out = torch.randn(40, 4)
    positive = held_out.sum(1) > 0
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    accuracy = []
    for step in range(240):
        loss = value(model(X), t)
        if step == 231 and "diverge" in sys.argv:
            loss = loss * float("inf")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 19 and "validate" in sys.argv:
            with torch.no_grad():
                accuracy.append(((model(held_out)[:, 0] > 0) == positive).float().mean().item())
    print(*accuracy)
"""


def test_every_loss_is_kept_and_the_first_that_is_not_finite_is_noticed(tmp_path: Path) -> None:
    recording = probed(tmp_path, TRAINING, "diverge").recording
    loss = recording.signal("loss")
    assert loss.steps == list(range(240))
    assert math.isinf(loss.values[231])
    steps = {event.message: event.step for event in recording.events if event.kind == "non-finite"}
    assert steps["loss"] == 231
    looked_at = recording.signal("gradient_norm").steps
    assert looked_at[:WARM_UP] == list(range(WARM_UP))
    assert len(looked_at) < 240
    assert recording.loss_calls[0].function == "binary_cross_entropy_with_logits"
    assert recording.end is not None
    assert 0 < recording.end.warm_up_probe_seconds < recording.end.warm_up_seconds < recording.end.training_seconds
    assert recording.end.warm_up_probe_seconds < recording.end.probe_seconds


def test_in_a_trial_every_evaluation_pass_counts(tmp_path: Path) -> None:
    outcome = probed(tmp_path, TRAINING, "validate", options=("--seed-offset", "0"))
    validation = outcome.recording.signal("validation/metric")
    assert validation.values == pytest.approx([float(one) for one in outcome.stdout.split()])
    assert len(validation) == 12
    assert outcome.recording.metric is not None
    assert outcome.recording.metric.value == pytest.approx(validation.values[-1])


def test_in_a_trial_without_validation_every_batch_counts(tmp_path: Path) -> None:
    metric = probed(tmp_path, TRAINING, options=("--seed-offset", "0")).recording.metric
    assert metric is not None
    assert (metric.name, metric.source) == ("accuracy", "training")
    assert metric.count >= 64 * 48  # a fifth of all 240 batches


@pytest.mark.parametrize(("step", "look"), [(0.01, 0.01), (0.01, 0.3), (2e-4, 1e-3)])
def test_looks_take_no_more_than_their_share(monkeypatch: pytest.MonkeyPatch, step: float, look: float) -> None:
    clock = [0.0]
    monkeypatch.setattr(session_module, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    budget, looked_at, looking = Budget(pytest.fail), [], True
    budget.begin()
    for number in range(1, 2001):
        clock[0] += step
        if looking:
            looked_at.append(number)
            with budget:
                clock[0] += look
        looking = budget.stepped(number)
    spent = look * (len(looked_at) - WARM_UP)
    overdue = OVERDUE * 2000 * step if look > 10 * step else 0.0
    share = SHARE_OF_SHORT_STEPS if step < 1e-3 else SHARE
    assert looked_at[:WARM_UP] == list(range(1, WARM_UP + 1))
    assert len(looked_at) > WARM_UP
    assert 0 < spent <= share * 2000 * step + overdue + look
    assert budget.warm_up_spent == pytest.approx(WARM_UP * look)
