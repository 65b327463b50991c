"""The learning rate is changed where the script says it, and nothing else is."""

import re

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import remedies
from losskit.doctor.remedies.optimizer import number
from losskit.recording.facts import OptimizerFacts, Place, Start
from losskit.recording.recording import Recording

TORCH = "import torch\n"
KERAS = "import keras\n"


def texts(source: str, code: str, rate: float, kind: str, arguments: tuple[str, ...] = ()) -> list[str]:
    """The new text that each remedy proposes for the finding at the line marked with an arrow."""
    line = next(number for number, text in enumerate(source.splitlines(), 1) if "<-" in text)
    place = Place("train.py", line)
    recording = Recording(start=Start("train.py", arguments), optimizers=[OptimizerFacts(kind, place, {"lr": rate})])
    found = remedies(Finding(code, "", "error", 0.9, "", place), recording, source, "train.py")
    for remedy in found:
        compile(remedy.source, "train.py", "exec")
    return [remedy.source for remedy in found]


@pytest.mark.parametrize(
    "marked",
    [
        TORCH + "opt = torch.optim.Adam(net.parameters(), lr=«1.0»)  # <-",
        TORCH + "opt = torch.optim.Adam(net.parameters(), «1.0»)  # <-",
        TORCH + "LR = «1.0»\nopt = torch.optim.Adam(p, lr=LR)  # <-",
        TORCH + "lr = «1.0»  # fast\ndef make(p):\n    return torch.optim.Adam(p, lr=lr)  # <-",
        TORCH + "def make(p, lr=«1.0»):\n    return torch.optim.Adam(p, lr=lr)  # <-",
        TORCH + "config = {'lr': «1.0», 'epochs': 3}\nopt = torch.optim.Adam(p, lr=config['lr'])  # <-",
        TORCH + "class C:\n    lr: float = «1.0»\nopt = torch.optim.Adam(p, lr=C.lr)  # <-",
        TORCH + "lr = 1.0\nlr = «2.0»\nopt = torch.optim.Adam(p, lr=lr)  # <-",
        TORCH + "opt = torch.optim.Adam(\n    net.parameters(),  # <-\n    lr=«1.0»,\n)",
        KERAS + "model.compile(keras.optimizers.Adam(«1.0»), loss='mse')  # <-",
        KERAS + "opt = keras.optimizers.Adam(learning_rate=«1.0»)\nmodel.compile(opt)  # <-",
        KERAS + "c = {'lr': «1.0»}\nopt = keras.optimizers.get({'config': {'learning_rate': c['lr']}})  # <-",
    ],
)
def test_a_lower_rate_where_it_is_written(marked: str) -> None:
    source = re.sub("[«»]", "", marked)
    assert texts(source, "LK401", 1.0, "Adam")[0] == re.sub("«.*?»", "0.001", marked)


@pytest.mark.parametrize(
    ("start", "old", "new"),
    [
        (TORCH, "torch.optim.Adam(net.parameters())", "torch.optim.Adam(net.parameters(), lr=0.001)"),
        (KERAS, "m.compile(optimizer='adam')", "m.compile(optimizer=keras.optimizers.Adam(learning_rate=0.001))"),
        ("import tensorflow as tf\n", "m.compile('adam')", "m.compile(tf.keras.optimizers.Adam(learning_rate=0.001))"),
        (
            "from tensorflow import keras\n",
            "m.compile('adam')",
            "m.compile(keras.optimizers.Adam(learning_rate=0.001))",
        ),
    ],
)
def test_a_lower_rate_where_none_is_written(start: str, old: str, new: str) -> None:
    assert texts(f"{start}{old}  # <-\n", "LK401", 1.0, "Adam")[0] == f"{start}{new}  # <-\n"


PARSED = """import argparse, torch
parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=1e-6)
args = parser.parse_args()
opt = torch.optim.Adam(p, lr=args.learning_rate)  # <-
"""


def test_the_default_of_an_option_unless_it_was_given() -> None:
    assert texts(PARSED, "LK402", 1e-6, "Adam")[0] == PARSED.replace("1e-6", "0.001")
    given = texts(PARSED, "LK402", 1e-6, "Adam", ("--learning-rate=1e-6",))
    assert given[0] == PARSED.replace("args.learning_rate", "0.001")


@pytest.mark.parametrize(
    ("code", "rate", "rates"),
    [
        ("LK401", "20.0", ["0.1", "0.01", "0.001"]),
        ("LK401", "0.05", ["0.005", "0.0005", "5e-5"]),
        ("LK402", "1e-6", ["0.01", "0.1", "1e-5"]),
    ],
)
def test_the_order_of_the_rates(code: str, rate: str, rates: list[str]) -> None:
    source = TORCH + "opt = torch.optim.SGD(p, lr={})  # <-"
    assert texts(source.format(rate), code, float(rate), "SGD") == [source.format(one) for one in rates]


def test_nothing_to_change() -> None:
    assert texts("import optimisers\nopt = make()  # <-", "LK401", 1.0, "Adam") == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.001, "0.001"), (3e-5, "3e-5"), (0.1, "0.1"), (0.0005, "0.0005"), (1e-10, "1e-10"), (2.0, "2")],
)
def test_numbers_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text
    assert float(text) == value
