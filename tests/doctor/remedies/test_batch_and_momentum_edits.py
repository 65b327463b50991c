"""Batch sizes and momentum are changed where they are written."""

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import remedies
from losskit.recording.facts import OptimizerFacts, Place, Progress, Start
from losskit.recording.recording import Recording


def proposed(code: str, source: str, batch: int = 1, arguments: tuple[str, ...] = (), **evidence: object) -> list[str]:
    """The texts for a finding at the line that is marked, of a run on batches of this size."""
    line = next(number for number, text in enumerate(source.splitlines(), 1) if "<-" in text)
    recording = Recording(
        start=Start("train.py", arguments),
        progress=Progress(steps=100, batch_size=batch),
        optimizers=[OptimizerFacts("SGD", Place("train.py", line), {"lr": 0.03}, steps=100)],
    )
    found = remedies(
        Finding(code, "", "error", 0.9, "", Place("train.py", line), evidence), recording, source, "train.py"
    )
    for remedy in found:
        compile(remedy.source, "train.py", "exec")
    return [remedy.source for remedy in found]


BATCHES = [
    ("loader = DataLoader(data, batch_size=1, shuffle=True)  # <-\n", ("batch_size=1", "batch_size=32")),
    ("loader = DataLoader(data, 1)  # <-\n", ("data, 1", "data, 32")),
    ("loader = DataLoader(data, shuffle=True)  # <-\n", ("=True)", "=True, batch_size=32)")),
    ("B = 1\nloader = DataLoader(data, batch_size=B)  # <-\n", ("B = 1", "B = 32")),
    (
        "parser.add_argument('--batch-size', default=1)\nloader = DataLoader(data, args.batch_size)  # <-\n",
        ("default=1", "default=32"),
    ),
    ("model.fit(\n    x,\n    y,\n    epochs=5,  # <-\n    batch_size=1,\n)\n", ("batch_size=1", "batch_size=32")),
    (
        "for epoch in range(9):  # <-\n    for i in torch.randperm(n).split(1):\n        step(i)\n",
        ("split(1)", "split(32)"),
    ),
    (
        "for epoch in range(9):  # <-\n    for i in range(0, n, 1):\n        step(x[i : i + 1])\n",
        ("n, 1", "n, 32"),
        ("i + 1", "i + 32"),
    ),
    ("d = d.shuffle(100).batch(1)\nmodel.fit(d, epochs=5)  # <-\n", ("batch(1)", "batch(32)")),
]


@pytest.mark.parametrize("case", BATCHES, ids=lambda case: case[0].splitlines()[0])
def test_the_usual_batch_where_its_size_is_written(case: tuple) -> None:
    source, *changes = case
    wanted = source
    for old, new in changes:
        assert old in wanted
        wanted = wanted.replace(old, new)
    assert proposed("LK407", source)[0] == wanted


def test_numbers_that_are_no_batch_size_stay() -> None:
    source = "for epoch in range(9):  # <-\n    for i in range(0, n, 4):\n        step(x[i : i + 2], text.split(','))\n"
    assert proposed("LK407", source, batch=1) == []


def test_a_batch_size_from_the_command_line_is_written_into_the_call() -> None:
    source = "parser.add_argument('--batch', default=8)\nloader = DataLoader(data, batch_size=args.batch)  # <-\n"
    assert "batch_size=32" in proposed("LK407", source, arguments=("--batch", "1"))[0]


def test_a_rate_for_the_batch() -> None:
    source = "optimizer = torch.optim.SGD(p, lr=0.03)  # <-\nfor x, y in zip(xs, ys):\n    step(x, y)\n"
    assert proposed("LK407", source, batch=1) == [source.replace("0.03", "0.00094")]


def test_a_last_batch_of_one_is_left_out() -> None:
    source = "loader = DataLoader(data, batch_size=32, shuffle=True)  # <-\n"
    wanted = source.replace("=True)", "=True, drop_last=True)")
    assert proposed("LK407", source, batch=32, refused=True) == [wanted]


MOMENTA = [
    ("torch.optim.SGD(p, lr=0.03, momentum=0.98)", "torch.optim.SGD(p, lr=0.03, momentum=0.9)"),
    ("torch.optim.SGD(p, 0.03, 0.98)", "torch.optim.SGD(p, 0.03, 0.9)"),
    ("keras.optimizers.SGD(0.03, 0.98)", "keras.optimizers.SGD(0.03, 0.9)"),
]


@pytest.mark.parametrize(("old", "new"), MOMENTA)
def test_the_customary_momentum_then_a_lower_rate(old: str, new: str) -> None:
    source = f"import keras\nimport torch\noptimizer = {old}  # <-\n"
    first, *lower = proposed("LK403", source, batch=32)
    assert first == source.replace(old, new)
    assert lower == [source.replace("0.03", rate) for rate in ("0.003", "0.01")]


def test_a_momentum_in_a_variable() -> None:
    source = "import torch\nMOMENTUM = 0.98\noptimizer = torch.optim.SGD(p, lr=0.03, momentum=MOMENTUM)  # <-\n"
    assert proposed("LK403", source, batch=32)[0] == source.replace("0.98", "0.9")
