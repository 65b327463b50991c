"""Settings of optimizers, schedules, epochs and regularisers are changed where they are written."""

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import remedies
from losskit.recording.facts import OptimizerFacts, Place, Progress, ScheduleFacts, Site, Start
from losskit.recording.recording import Recording


def line_of(source: str, mark: str) -> int:
    return next(number for number, text in enumerate(source.splitlines(), 1) if mark in text)


def texts(
    code: str, source: str, evidence: dict[str, object], recording: Recording | None = None, line: int | None = None
) -> list[str]:
    place = Place("train.py", line or line_of(source, "<-"))
    found = remedies(Finding(code, "", "error", 0.9, "", place, evidence), recording or Recording(), source, "train.py")
    for remedy in found:
        compile(remedy.source, "train.py", "exec")
    return [remedy.source for remedy in found]


SETTINGS = [
    ("betas-swapped", "torch.optim.Adam(p, betas=(0.999, 0.9))", "torch.optim.Adam(p, betas=(0.9, 0.999))"),
    ("betas-swapped", "torch.optim.Adam(p, 1e-3, (b1, b2))", "torch.optim.Adam(p, 1e-3, (0.9, 0.999))"),
    ("eps", "torch.optim.Adam(p, eps=1.0)", "torch.optim.Adam(p, eps=1e-8)"),
    ("momentum", "torch.optim.SGD(p, lr=0.1, momentum=1.0)", "torch.optim.SGD(p, lr=0.1, momentum=0.9)"),
    ("maximize", "torch.optim.SGD(p, lr=0.1, maximize=True)", "torch.optim.SGD(p, lr=0.1)"),
    ("dampening", "torch.optim.SGD(p, 0.1, 0.9, dampening=1.0)", "torch.optim.SGD(p, 0.1, 0.9)"),
]


@pytest.mark.parametrize(("setting", "old", "new"), SETTINGS)
def test_the_customary_setting(setting: str, old: str, new: str) -> None:
    source = "import torch\nopt = {}  # <-\n"
    assert texts("LK406", source.format(old), {"setting": setting})[0] == source.format(new)


def test_keras_calls_them_otherwise() -> None:
    source = "import keras\nopt = keras.optimizers.Adam({})  # <-\n"
    assert texts("LK406", source.format("epsilon=1.0"), {"setting": "eps"}) == [source.format("epsilon=1e-7")]


LOOPS = """for epoch in range(10):
    for x, y in loader:  # batches
        loss(x, y).backward()
        optimizer.step()
        scheduler.step()  # <-
    evaluate()
"""


def scheduled(kind: str, line: int, steps: int = 100, **settings: object) -> Recording:
    """A run whose schedule is made at line 1 and stepped at the other line."""
    schedule = ScheduleFacts(kind, Place("train.py", 1), dict(settings), steps, Place("train.py", line))
    one = OptimizerFacts("SGD", Place("train.py", 1), {"lr": 0.1}, steps=100, schedule=schedule)
    return Recording(
        optimizers=[one], progress=Progress(steps=100, epochs=10), sites=[Site("step", Place("train.py", 4))]
    )


def test_a_schedule_is_stepped_after_the_loop_over_batches() -> None:
    moved, dropped = texts("LK406", LOOPS, {"setting": "schedule-per-batch"}, scheduled("StepLR", 5))
    assert moved == LOOPS.replace("        scheduler.step()  # <-\n", "    scheduler.step()\n")
    assert dropped == LOOPS.replace("        scheduler.step()  # <-\n", "")


def test_a_cycle_is_stepped_with_the_optimizer() -> None:
    source = LOOPS.replace("        scheduler.step()  # <-\n", "").replace("evaluate()", "scheduler.step()  # <-")
    moved, _ = texts("LK406", source, {"setting": "schedule-per-epoch"}, scheduled("OneCycleLR", 5, steps=10))
    lines = moved.splitlines()
    assert lines[lines.index("        optimizer.step()") + 1] == "        scheduler.step()"
    assert moved.count("scheduler.step()") == 1


def test_a_decay_is_stretched_over_the_run() -> None:
    source = "s = keras.optimizers.schedules.ExponentialDecay(0.01, decay_steps=1, decay_rate=0.5)  # <-\n"
    recording = scheduled("ExponentialDecay", 1, initial_learning_rate=0.01)
    assert texts("LK406", source, {"setting": "schedule-decay"}, recording)[0] == source.replace(
        "decay_steps=1, decay_rate=0.5", "decay_steps=100, decay_rate=0.1"
    )


def test_a_plateau_that_is_waited_for_upside_down() -> None:
    source = "s = ReduceLROnPlateau(opt, mode='min')  # <-\n"
    recording = scheduled("ReduceLROnPlateau", 9, mode="min")
    assert texts("LK406", source, {"setting": "plateau"}, recording)[0] == source.replace("'min'", '"max"')


def test_an_optimizer_is_made_before_the_loop() -> None:
    source = "import torch\nfor epoch in range(3):\n    opt = torch.optim.Adam(p)  # <-\n    step()\n"
    made = "import torch\nopt = torch.optim.Adam(p)\nfor epoch in range(3):\n    step()\n"
    assert texts("LK406", source, {"setting": "remade"}) == [made]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("for epoch in range(4):  # <-\n    go()\n", "for epoch in range(40):  # <-\n    go()\n"),
        ("N = 4\nfor e in tqdm(range(N)):  # <-\n    go()\n", "N = 40\nfor e in tqdm(range(N)):  # <-\n    go()\n"),
        ("N = 4\nfor e in range(1, N + 1):  # <-\n    go()\n", "N = 40\nfor e in range(1, N + 1):  # <-\n    go()\n"),
        ("model.fit(x, y, epochs=4)  # <-\n", "model.fit(x, y, epochs=40)  # <-\n"),
    ],
)
def test_more_epochs(old: str, new: str) -> None:
    assert texts("LK405", old, {"late_share": 0.5})[0] == new


def test_as_many_epochs_as_the_curve_asks_for() -> None:
    """A share of 1/(1 + e) is two time constants: twice the run makes four of them, four times is the least tried."""
    assert "range(16)" in texts("LK405", "for e in range(4):  # <-\n    go()\n", {"late_share": 0.2689})[0]


REGULARISERS = [
    ("decay", "opt = torch.optim.Adam(p, weight_decay={})  # <-\n", "1.0", "1e-4"),
    ("penalty", "loss = data + {} * l2  # <-\n", "0.5", "0.0005"),
    ("penalty", "WEIGHT = {}\nloss = data + WEIGHT * l2  # <-\n", "2.0", "0.002"),
    ("penalty", "loss += {} * l2  # <-\n", "0.5", "0.0005"),
    ("dropout", "model = Sequential(Linear(3, 4), Dropout({}))  # <-\n", "0.95", "0.2"),
    ("smoothing", "loss = nn.CrossEntropyLoss(label_smoothing={})  # <-\n", "0.9", "0.1"),
]


@pytest.mark.parametrize(("kind", "source", "old", "new"), REGULARISERS)
def test_less_regularisation(kind: str, source: str, old: str, new: str) -> None:
    assert texts("LK502", source.format(old), {"regulariser": kind})[0] == source.format(new)


def test_what_stops_the_run_waits_the_other_way() -> None:
    own = "class Stopper:\n    def __init__(self, patience, mode='max'):\n        self.mode = mode\n"
    cases = {
        "stop = EarlyStopping(mode='max', patience=3)\n": 'stop = EarlyStopping(mode="min", patience=3)\n',
        f"{own}stop = Stopper(3)\n": f'{own}stop = Stopper(3, mode="min")\n',
    }
    for source, mended in cases.items():
        place = Place("train.py", len(source.splitlines()))
        finding = Finding("LK405", "", "warning", 0.9, "", place, {"stopped": True})
        (remedy,) = remedies(finding, Recording(start=Start("train.py")), source, "train.py")
        assert remedy.source == mended
    finding = Finding("LK405", "", "warning", 0.9, "", Place("train.py", 1), {"stopped": True})
    assert not remedies(finding, Recording(start=Start("train.py")), "stop = Stopper(3)\n", "train.py")
