"""The guard of a PyTorch loop saves runs that are lost without it, and changes nothing in a healthy one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")

from losskit.doctor import Guard  # noqa: E402

F = torch.nn.functional
ROWS = 256

Loss = Callable[["torch.Tensor", "torch.Tensor", int], "torch.Tensor"]


def squared(prediction: torch.Tensor, target: torch.Tensor, step: int) -> torch.Tensor:
    return F.mse_loss(prediction, target)


def run(
    guarded: bool,
    loss_of: Loss = squared,
    rate: float = 0.05,
    steps: int = 300,
    optimizer: type[torch.optim.Optimizer] = torch.optim.SGD,
    schedule: bool = False,
    spoil: int | None = None,
) -> tuple[float, torch.nn.Module, Guard | None]:
    """Train a small network; returns the share of the variance it leaves, the network and its guard.

    `spoil` is a step whose inputs hold an infinity.
    """
    torch.manual_seed(0)
    x = torch.randn(ROWS, 5)
    y = torch.tanh(x[:, :1] + x[:, 1:2])
    model = torch.nn.Sequential(
        torch.nn.Linear(5, 32), torch.nn.BatchNorm1d(32), torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(32, 1)
    )
    stepper = optimizer(model.parameters(), lr=rate)
    scheduler = torch.optim.lr_scheduler.LambdaLR(stepper, lambda step: 1 / (1 + step / 100)) if schedule else None
    guard = Guard(model, stepper, snapshot_every=20) if guarded else None
    for step in range(steps):
        rows = torch.randint(ROWS, (32,))
        inputs = x[rows].clone()
        if step == spoil:
            inputs[0, 0] = torch.inf
        stepper.zero_grad()
        loss = loss_of(model(inputs), y[rows], step)
        loss.backward()
        if guard is None:
            stepper.step()
        else:
            guard.step(loss)
        if scheduler is not None:
            scheduler.step()
    model.eval()
    with torch.no_grad():
        return float(F.mse_loss(model(x), y) / y.var()), model, guard


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
@pytest.mark.parametrize("schedule", [False, True])
def test_a_healthy_run_is_bit_identical(optimizer: type[torch.optim.Optimizer], schedule: bool) -> None:
    rate = 0.05 if optimizer is torch.optim.SGD else 0.005
    _, plain, _ = run(False, optimizer=optimizer, rate=rate, schedule=schedule)
    _, watched, guard = run(True, optimizer=optimizer, rate=rate, schedule=schedule)
    assert guard is not None
    assert not guard.recording.events
    for one, other in zip(plain.state_dict().values(), watched.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def broken(prediction: torch.Tensor, target: torch.Tensor, step: int) -> torch.Tensor:
    """A root with an infinite slope in some of the steps."""
    error = (prediction - target) ** 2
    return error.mean() + (torch.sqrt(0 * error).mean() if step % 50 == 7 else 0)


def wild(prediction: torch.Tensor, target: torch.Tensor, step: int) -> torch.Tensor:
    """A batch whose loss weighs a million times too much."""
    return F.mse_loss(prediction, target) * (1e6 if step % 90 == 80 else 1)


@pytest.mark.parametrize(
    ("settings", "action"),
    [
        ({"loss_of": broken}, "skip"),
        ({"loss_of": wild}, "clip"),
        ({"spoil": 100}, "skip"),
        ({"rate": 40.0}, "roll back"),
    ],
    ids=["gradient", "spike", "input", "rate"],
)
def test_a_run_that_is_lost_without_it_is_saved(settings: dict, action: str) -> None:
    lost, _, _ = run(False, **settings)
    saved, model, guard = run(True, **settings)
    assert not lost < 0.5
    assert saved < 0.5
    assert all(torch.isfinite(value).all() for value in model.state_dict().values())
    assert guard is not None
    assert any(event.kind == "guard" and event.message.startswith(action) for event in guard.recording.events)
    assert len(guard.recording.signal("loss")) == 300


def test_a_rollback_restores_everything_and_slows_down() -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    guard = Guard(model, optimizer, patience=1, snapshot_every=1000)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.get_rng_state()
    for bad in (False, False, True):
        optimizer.zero_grad()
        loss = model(torch.randn(8, 2)).square().mean() * (torch.nan if bad else 1)
        loss.backward()
        action = guard.step(loss)
    assert action == "roll back"
    assert guard.slowdown == 0.5
    assert optimizer.param_groups[0]["lr"] == 0.1  # what a scheduler knows
    assert not optimizer.state
    assert torch.equal(torch.get_rng_state(), random)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_scaled_loss() -> None:
    torch.manual_seed(0)
    x = torch.randn(64, 4)
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**40)  # overflows at first, and is lowered
    guard = Guard(model, optimizer, scaler=scaler)
    actions = []
    for _ in range(80):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.mse_loss(model(x).float(), x.sum(1, keepdim=True))
        scaler.scale(loss).backward()
        actions.append(guard.step(loss))
    assert actions[0] == "skip"
    assert "roll back" not in actions
    assert actions[-1] == "step"
    assert loss.item() < 0.05


@pytest.mark.parametrize("settings", [{"factor": 1.0}, {"patience": 0}, {"threshold": 0.0}])
def test_wrong_settings_are_named(settings: dict) -> None:
    model = torch.nn.Linear(1, 1)
    with pytest.raises(ValueError, match="expected"):
        Guard(model, torch.optim.SGD(model.parameters(), lr=0.1), **settings)


def test_the_doctor_imports_no_framework() -> None:
    code = "import losskit.doctor, sys; assert not {'torch', 'keras'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
