"""Where a setting is written: a case per way in which people hand one over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from losskit.doctor.probe.settings import CALLEE, FACTOR, NUMBER, written_elsewhere

OPTIMIZER = ("params", "lr")

# name → (source, {argument: line}, called name, what it takes by position); the call is on the line marked "# call".
CASES: dict[str, tuple[Any, ...]] = {
    "in the call": ("opt = SGD(p, lr=1.0)  # call", {}),
    "a constant": ("LR = 1.0\n\nopt = SGD(p, LR)  # call", {"lr": 1}),
    "a constant of a constant": ("A = 1.0\nLR = A\n\nopt = SGD(p, LR)  # call", {"lr": 1}),
    "computed": ("A = 1.0\nLR = A * 8\n\nopt = SGD(p, LR)  # call", {"lr": 2}),
    "two at once": ("LR, MOMENTUM = 1.0, 0.9\n\nopt = SGD(p, lr=LR)  # call", {"lr": 1}),
    "a default": ("def f(p, lr=1.0):\n    x = 0\n    return SGD(p, lr)  # call\nf(p)", {"lr": 1}),
    "a keyword default": ("def f(p, *, lr=1.0):\n    x = 0\n    SGD(p, lr)  # call\nf(p)", {"lr": 1}),
    "the caller": ("def f(p, lr=1.0):\n    x = 0\n    return SGD(p, lr)  # call\nf(p, 2.0)", {"lr": 4}),
    "the caller's constant": ("LR = 2\ndef f(p, lr):\n    SGD(p, lr)  # call\nf(p, lr=LR)", {"lr": 1}),
    "a local variable": ("lr = 5\ndef f(p):\n    lr = 1.0\n    x = 0\n    SGD(p, lr)  # call", {"lr": 3}),
    "an attribute": (
        "class T:\n    def __init__(self, r):\n        self.r = r\n    def fit(self):\n        SGD(p, self.r)"
        "  # call\nT(3.0)",
        {"lr": 6},
    ),
    "a class of settings": ("class C:\n    lr = 1.0\n    n = 3\nSGD(p, C.lr)  # call", {"lr": 2}),
    "a dataclass": ("class C:\n    lr: float = 1.0\nc = C()\nSGD(p, c.lr)  # call", {"lr": 2}),
    "a dataclass that is told": ("class C:\n    lr: float = 1.0\nc = C(lr=2)\nSGD(p, c.lr)  # call", {"lr": 3}),
    "a table": ('c = {\n    "lr": 1.0,\n}\nSGD(p, c["lr"])  # call', {"lr": 2}),
    "a table asked": ('c = {\n    "lr": 1.0,\n}\nSGD(p, c.get("lr", 2.0))  # call', {"lr": 2}),
    "a table handed over": ('c = {\n    "lr": 1.0,\n}\nSGD(p, **c)  # call', {"lr": 2}),
    "a table handed to a function": (
        "c = dict(\n    lr=1.0)\ndef f(p, lr, **_):\n    x = 0\n    SGD(p, lr)  # call\nf(p, **c)",
        {"lr": 2},
    ),
    "a namespace": ("c = SimpleNamespace(\n    lr=1.0)\nSGD(p, c.lr)  # call", {"lr": 2}),
    "an option": ('a.add_argument("--lr",\n    default=1.0)\nSGD(p, args.lr)  # call', {"lr": 2}),
    "two tables that differ": ('c = {"lr": 1}\nd = {"lr": 2}\nSGD(p, c["lr"])  # call', {}),
    "of a module": ("from torch import nn\nx = 0\nact(nn.ReLU)  # call", {}, "act", ("kind",)),
    "a class as a default": (
        "import torch.nn as nn\ndef net(act=nn.Sigmoid):\n    x = 0\n    return act()  # call\nnet()",
        {CALLEE: 2},
        "Sigmoid",
        (),
    ),
    "chosen from a table": (
        'c = {"act": "relu"}\nT = {"relu": 1}\ndef f(c):\n    act = T[c["act"]]\n    return act()  # call\nf(c)',
        {CALLEE: 1},
        "ReLU",
        (),
    ),
    "a name of a module": ('c = {"act": "ReLU"}\nx = 0\ngetattr(nn, c["act"])()  # call', {CALLEE: 1}, "ReLU", ()),
    "turned into a number": ("RATE = '0.1'\nx = 0\nSGD(p, float(RATE))  # call", {"lr": 1}),
    "a range": ("EPOCHS = 9\n\nfor e in range(EPOCHS):  # call\n    pass", {NUMBER: 1}, "range", ()),
    "a range from one": ("EPOCHS = 9\n\nfor e in range(1, EPOCHS + 1):  # call\n    pass", {NUMBER: 1}, "range", ()),
    "a factor": ("L2 = 0.5\n\nloss = mse(a, b) + L2 * sum(w**2 for w in ws)  # call", {FACTOR: 1}, FACTOR, ()),
    "itself": ("def f(lr):\n    lr = lr\n    SGD(p, lr)  # call\nf(lr)", {}),
    "unknown": ("SGD(p, lr=given())  # call", {}),
    "no call": ("x = 1  # call", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_line_on_which_a_setting_is_written(name: str, tmp_path: Path) -> None:
    source, expected, *call = CASES[name]
    callee, parameters = call or ("SGD", OPTIMIZER)
    file = tmp_path / "script.py"
    file.write_text(source + "\n")
    line = next(number for number, text in enumerate(source.splitlines(), 1) if text.endswith("# call"))
    found = {
        argument: one.line
        for argument, one in written_elsewhere(str(file), line, callee, parameters, held=callee[0].isupper())
        if argument != "params"
    }
    assert found == expected


def test_an_option_that_was_given_has_no_default(tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text('a.add_argument("--lr",\n    default=1.0)\nSGD(p, args.lr)\n')
    assert not list(written_elsewhere(str(file), 3, "SGD", OPTIMIZER, ["--lr=3"]))


def test_a_file_beside_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "its_settings.py").write_text("\nLR = 3.0\n")
    script = tmp_path / "script.py"
    script.write_text("from its_settings import LR\nimport its_settings\nSGD(p, lr=LR)\nAdam(p, lr=its_settings.LR)\n")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("its_settings")
    for line, callee in ((3, "SGD"), (4, "Adam")):
        found = [(name, one.file, one.line) for name, one in written_elsewhere(str(script), line, callee, OPTIMIZER)]
        assert ("lr", str(tmp_path / "its_settings.py"), 2) in found
