"""The learning rate is changed where the script says it, and nothing else is."""

import difflib

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import remedies
from losskit.doctor.remedies.optimizer import number
from losskit.recording.facts import OptimizerFacts, Place, Start
from losskit.recording.recording import Recording

TORCH = "import torch\n"
KERAS = "import keras\n"


def proposed(
    source: str, code: str, rate: float, kind: str, arguments: tuple[str, ...] = (), line: int = 0
) -> list[str]:
    """For each remedy the lines it writes in place of others."""
    line = line or next(n for n, text in enumerate(source.splitlines(), 1) if "<-" in text)
    place = Place("train.py", line)
    recording = Recording(start=Start("train.py", arguments), optimizers=[OptimizerFacts(kind, place, {"lr": rate})])
    finding = Finding(code, "", "error", 0.9, "", place)
    found = remedies(finding, recording, source, "train.py")
    for remedy in found:
        compile(remedy.source, "train.py", "exec")
    return [_written(source, remedy.source) for remedy in found]


def _written(before: str, after: str) -> str:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return "\n".join(line[2:].strip() for line in lines if line.startswith("+ "))


@pytest.mark.parametrize(
    ("source", "written"),
    [
        (TORCH + "opt = torch.optim.Adam(net.parameters(), lr=1.0)  # <-", "opt = torch.optim.Adam(net.parameters(), lr=0.001)  # <-"),
        (TORCH + "opt = torch.optim.Adam(net.parameters(), 1.0)  # <-", "opt = torch.optim.Adam(net.parameters(), 0.001)  # <-"),
        (TORCH + "opt = torch.optim.Adam(net.parameters())  # <-", "opt = torch.optim.Adam(net.parameters(), lr=0.001)  # <-"),
        (TORCH + "LR = 1.0\nopt = torch.optim.Adam(p, lr=LR)  # <-", "LR = 0.001"),
        (TORCH + "lr = 1.0  # fast\ndef make(p):\n    return torch.optim.Adam(p, lr=lr)  # <-", "lr = 0.001  # fast"),
        (TORCH + "def make(p, lr=1.0):\n    return torch.optim.Adam(p, lr=lr)  # <-", "def make(p, lr=0.001):"),
        (TORCH + "config = {'lr': 1.0, 'epochs': 3}\nopt = torch.optim.Adam(p, lr=config['lr'])  # <-", "config = {'lr': 0.001, 'epochs': 3}"),
        (TORCH + "class C:\n    lr: float = 1.0\nopt = torch.optim.Adam(p, lr=C.lr)  # <-", "lr: float = 0.001"),
        (TORCH + "lr = 1.0\nlr = 2.0\nopt = torch.optim.Adam(p, lr=lr)  # <-", "opt = torch.optim.Adam(p, lr=0.001)  # <-"),
        (TORCH + "opt = torch.optim.Adam(\n    net.parameters(),  # <-\n    lr=1.0,\n)", "lr=0.001,"),
        (KERAS + "model.compile(keras.optimizers.Adam(1.0), loss='mse')  # <-", "model.compile(keras.optimizers.Adam(0.001), loss='mse')  # <-"),
        (KERAS + "opt = keras.optimizers.Adam(learning_rate=1.0)\nmodel.compile(opt)  # <-", "opt = keras.optimizers.Adam(learning_rate=0.001)"),
        (KERAS + "model.compile(optimizer='adam', loss='mse')  # <-", "model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.001), loss='mse')  # <-"),
        ("import tensorflow as tf\nm.compile('adam')  # <-", "m.compile(tf.keras.optimizers.Adam(learning_rate=0.001))  # <-"),
        ("from tensorflow import keras\nm.compile('adam')  # <-", "m.compile(keras.optimizers.Adam(learning_rate=0.001))  # <-"),
    ],
)  # fmt: skip
def test_a_lower_rate(source: str, written: str) -> None:
    assert proposed(source, "LK401", 1.0, "Adam")[0] == written


PARSED = """import argparse, torch
parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=1e-6)
args = parser.parse_args()
opt = torch.optim.Adam(p, lr=args.learning_rate)  # <-
"""


def test_the_default_of_an_option_unless_it_was_given() -> None:
    assert proposed(PARSED, "LK402", 1e-6, "Adam")[0] == (
        'parser.add_argument("--learning-rate", type=float, default=0.001)'
    )
    given = proposed(PARSED, "LK402", 1e-6, "Adam", ("--learning-rate=1e-6",))
    assert given[0] == "opt = torch.optim.Adam(p, lr=0.001)  # <-"


def test_the_order_of_the_rates() -> None:
    source = TORCH + "opt = torch.optim.SGD(p, lr={})  # <-"
    rates = [line.split("lr=")[1].split(")")[0] for line in proposed(source.format(20.0), "LK401", 20.0, "SGD")]
    assert rates == ["0.1", "0.01", "0.001"]
    rates = [line.split("lr=")[1].split(")")[0] for line in proposed(source.format(0.05), "LK401", 0.05, "SGD")]
    assert rates == ["0.005", "0.0005", "5e-5"]
    rates = [line.split("lr=")[1].split(")")[0] for line in proposed(source.format(1e-6), "LK402", 1e-6, "SGD")]
    assert rates == ["0.01", "0.1", "1e-5"]


def test_nothing_to_change() -> None:
    assert proposed("import optimisers\nopt = make()  # <-", "LK401", 1.0, "Adam") == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.001, "0.001"), (3e-5, "3e-5"), (0.1, "0.1"), (0.0005, "0.0005"), (1e-10, "1e-10"), (2.0, "2")],
)
def test_numbers_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text
    assert float(text) == value
