"""What is made of the log of steps that were only counted, and which passes are heard."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from losskit.doctor.probe.session import Session  # noqa: E402
from losskit.doctor.probe.torch_asleep import Asleep  # noqa: E402
from losskit.doctor.probe.torch_guards import Guards  # noqa: E402


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "out.jsonl", __file__)


def optimizer(rate: float) -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)


def test_a_log_says_which_steps_were_made_with_which_losses_and_rates(session: Session) -> None:
    first, second = optimizer(0.1), optimizer(0.01)
    train, test = object(), object()
    asleep = Asleep(session)
    session.step = 7
    asleep.begin(3)
    asleep.log.append([train])
    assert asleep.backward(torch.tensor(2.0))
    assert asleep.backward(torch.tensor(0.5))  # accumulated
    asleep.stepped(first)
    assert asleep.backward(torch.tensor(3.0))
    asleep.stepped(second)
    first.param_groups[0]["lr"] = 0.05
    assert asleep.backward(torch.tensor(1.0))
    asleep.stepped(first)
    assert (asleep.left, session.step) == (0, 10)
    assert asleep.backward(torch.tensor(4.0))
    asleep.log.append([test])
    slept = asleep.wake()
    assert slept.steps == {id(first): 2, id(second): 1}
    assert slept.rates == [(7, id(first), 0.1), (8, id(second), 0.01), (9, id(first), 0.05)]
    assert slept.losses == [(7, id(first), 2.5), (8, id(second), 3.0), (9, id(first), 1.0)]
    assert (slept.unfinished, slept.trained_on, slept.yielded) == ([4.0], [train], [test])
    assert asleep.wake().steps == {}


@pytest.mark.parametrize("value", [torch.tensor(float("nan")), torch.tensor([1.0, 2.0]), [torch.tensor(1.0)]])
def test_what_is_no_ordinary_loss_wakes(session: Session, value: object) -> None:
    assert not Asleep(session).backward(value)


def test_a_guard_in_every_step_that_evaluates_nothing_is_left_alone(session: Session) -> None:
    guards, heard = Guards(session), 0
    for step in range(100):
        session.step = step
        if guards.heard(sys._getframe()):
            heard += 1
            guards.end_pass(evaluated=False)
    assert 0 < heard < 30


def test_a_guard_of_every_epoch_is_always_heard(session: Session) -> None:
    guards, heard = Guards(session), 0
    for epoch in range(100):
        session.step = 10 * epoch
        heard += guards.heard(sys._getframe())
        guards.end_pass(evaluated=True)
    assert heard == 100


def test_in_a_trial_every_pass_is_heard(tmp_path: Path) -> None:
    guards = Guards(Session(tmp_path / "out.jsonl", __file__, seed_offset=0))
    assert all(guards.heard(sys._getframe()) for _ in range(100))
