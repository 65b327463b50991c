"""Settings and schedules, on recordings written by hand."""

import numpy as np
import pytest

from losskit.doctor.rules import rules
from losskit.recording.facts import Event, Metric, OptimizerFacts, Place, Progress, ScheduleFacts
from losskit.recording.recording import Recording

OPTIMIZER, SCHEDULE, STEPPED = Place("train.py", 10), Place("train.py", 11), Place("train.py", 20)
STEPS, EPOCHS = 400, 10


def run(rates: np.ndarray, value: float, kind: str = "StepLR", steps: int = STEPS, **settings: object) -> Recording:
    """A loss that falls to a plateau while the rate takes this course; `value` is the accuracy, chance is 0.1."""
    schedule = ScheduleFacts(kind, SCHEDULE, {}, steps, STEPPED)
    given = {"lr": float(rates.max())} | settings
    one = OptimizerFacts("SGD", OPTIMIZER, given, steps=STEPS, scheduler=kind, schedule=schedule)
    recording = Recording(optimizers=[one], progress=Progress(STEPS, EPOCHS, 32))
    recording.metric = Metric("accuracy", value, "validation", chance=0.1, count=500)
    for step in range(STEPS):
        recording.measure("rate", step, float(rates[step]))
        recording.measure("loss", step, 0.5 + 1.8 * float(np.exp(-step / 40)))
    return recording


def told(recording: Recording) -> list[tuple[str, Place | None, object]]:
    found = rules()["LK406"].check(rules()["LK406"], recording)
    return [(one.severity, one.place, one.evidence["setting"]) for one in found]


TIME = np.arange(STEPS) / STEPS
HEALTHY = {
    "cosine": 0.1 * (1 + np.cos(np.pi * TIME)) / 2,
    "warm-up and linear decay": 0.1 * np.minimum(TIME * 10, (1 - TIME) / 0.9),
    "three decades of exponential decay": 0.1 * 1e-3**TIME,
    "steps of a tenth": 0.1 * 0.1 ** np.floor(TIME * 3),
    "cyclic": 0.05 * (1.1 + np.cos(20 * np.pi * TIME)),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_customary_schedules_are_left_in_peace_however_the_run_went(name: str) -> None:
    assert told(run(HEALTHY[name], 0.3)) == []


def test_a_schedule_stepped_after_every_batch() -> None:
    rates = 0.1 * 0.5 ** np.floor(np.arange(STEPS) / 5)
    assert told(run(rates, 0.3)) == [("error", STEPPED, "schedule-per-batch")]
    assert told(run(rates, 0.8)) == [("warning", STEPPED, "schedule-per-batch")]
    assert told(run(rates, 0.99)) == [("info", STEPPED, "schedule-per-batch")]


def test_a_schedule_that_decays_too_fast_by_itself() -> None:
    rates = 0.1 * 0.01 ** np.floor(TIME * EPOCHS)
    assert told(run(rates, 0.3, steps=EPOCHS)) == [("error", SCHEDULE, "schedule-decay")]


def test_a_rate_that_went_when_the_loss_had_settled_is_no_fault() -> None:
    recording = run(np.where(np.arange(STEPS) < 35, 0.1, 1e-5), 0.4)
    assert told(recording) != []
    late = run(np.where(np.arange(STEPS) < 60, 0.1, 1e-5), 0.4)
    late.signals["loss"].values = [0.5 + 0.01 * (-1) ** step for step in range(STEPS)]
    assert told(late) == []


def test_a_cycle_stepped_once_per_epoch_never_gets_up() -> None:
    recording = run(np.full(STEPS, 4e-4), 0.2, "OneCycleLR", EPOCHS, lr=0.01)
    assert told(recording) == [("warning", STEPPED, "schedule-per-epoch")]


@pytest.mark.parametrize(
    ("settings", "setting", "severity"),
    [
        ({"betas": (0.999, 0.9)}, "betas-swapped", "warning"),
        ({"betas": (0.9, 0.999)}, None, None),
        ({"betas": (0.5, 0.9)}, None, None),
        ({"betas": (0.0, 0.99)}, None, None),
        ({"momentum": 0.95}, None, None),
        ({"momentum": 1.0}, "momentum", "info"),
        ({"momentum": 0.9, "dampening": 0}, None, None),
        ({"momentum": 0.9, "dampening": 1.0}, "dampening", "info"),
    ],
)
def test_settings_of_a_run_that_went_well(
    settings: dict[str, object], setting: str | None, severity: str | None
) -> None:
    found = [(one, id) for one, _, id in told(run(np.full(STEPS, 0.1), 0.98, **settings))]
    assert found == ([(severity, setting)] if setting else [])


def test_what_the_framework_refused() -> None:
    event = Event("exception", "ValueError: Nesterov momentum requires a momentum and zero dampening", 0, OPTIMIZER)
    assert told(Recording(events=[event])) == [("error", OPTIMIZER, "refused")]
