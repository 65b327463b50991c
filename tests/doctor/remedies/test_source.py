"""Source: what it finds on a line, and that a change leaves every other character as it was."""

from __future__ import annotations

from textwrap import dedent

import libcst
import pytest

from losskit.doctor.remedies.source import Source

TEXT = '''\
"""A model — with a character of several bytes."""
import torch
from torch import nn
import torch.nn.functional as F

model = nn.Sequential(
    nn.Linear(3, 4),  # first
    nn.Softmax(dim=1),  # last
)


def forward(x):
    x = F.softmax(x, dim=1)
    y = torch.sigmoid(x + 1) * 2
    return model(x).softmax(-1), y
'''


def at(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


def the(source: Source, name: str) -> libcst.Call:
    (call,) = source.calls(name)
    return call


def test_untouched_text_comes_back() -> None:
    for text in (TEXT, TEXT.replace("\n", "\r\n"), "", "x = 1", "\tif_ = 2  # ü\n".lstrip()):
        assert Source(text).text() == text


def test_text_that_is_not_python_is_refused() -> None:
    with pytest.raises(libcst.ParserSyntaxError):
        Source("def (:")


def test_calls_are_found_by_line_and_by_name_through_imports() -> None:
    source = Source("from torch.nn.functional import softmax as normalise\ny = f(\n    normalise(x),\n)\n")
    assert source.code(source.calls("softmax")[0]) == "normalise(x)"
    assert source.qualified(source.calls("softmax")[0].func) == "torch.nn.functional.softmax"
    inner, outer = source.call(3), source.call(2)
    assert inner is not None
    assert outer is not None
    assert source.code(inner) == "normalise(x)"
    assert source.code(outer).startswith("f(")
    assert source.call(1) is None
    assert source.call(3, "tanh") is None


def test_an_argument_by_name_or_by_place() -> None:
    source = Source("f(1, b=2, *more)\n")
    call = the(source, "f")
    found = [source.argument(call, "b"), source.argument(call, "a", 0), source.argument(call, "c", 1)]
    assert [one and source.code(one.value) for one in found] == ["2", "1", None]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("y = F.softmax(x, dim=1)\n", "softmax", "y = x\n"),
        ("x = F.softmax(x, dim=1)\ny = x\n", "softmax", "y = x\n"),
        ("y = x.softmax(-1)  # kept\n", "softmax", "y = x  # kept\n"),
        ("y = torch.sigmoid(a + b) * 2\n", "sigmoid", "y = (a + b) * 2\n"),
        ("y = torch.sigmoid(a + b)\n", "sigmoid", "y = a + b\n"),
        ("y = torch.sigmoid(f(a)).view(-1)\n", "sigmoid", "y = f(a).view(-1)\n"),
        ("y = torch.sigmoid(input=f(a))\n", "sigmoid", "y = f(a)\n"),
        ("def f(x):\n    x = sigmoid(x)\n", "sigmoid", "def f(x):\n    pass\n"),
    ],
)
def test_a_wrapping_call_is_dropped(text: str, name: str, expected: str) -> None:
    head = "import torch\nimport torch.nn.functional as F\n"
    source = Source(head + text)
    source.unwrap(the(source, name))
    assert source.text() == head + expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(a, b)\n", "f(a)\n"),
        ("f(b, a)\n", "f(a)\n"),
        ("f(b)\n", "f()\n"),
        ("f(\n    a,  # one\n    b,  # two\n)\n", "f(\n    a,  # one\n)\n"),
        ("f(\n    a,\n    b\n)\n", "f(\n    a,\n)\n"),
        ("f(\n    b,\n    a\n)\n", "f(\n    a\n)\n"),
        ("f(a,\n  b)\n", "f(a)\n"),
    ],
)
def test_an_item_is_taken_out(text: str, expected: str) -> None:
    source = Source(text)
    (item,) = (arg for arg in the(source, "f").args if source.code(arg) == "b")
    source.remove_item(item)
    assert source.text() == expected
    assert Source(expected).text() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f()\n", "f(k=1)\n"),
        ("f(a)\n", "f(a, k=1)\n"),
        ("f(a, k=0)\n", "f(a, k=1)\n"),
        ("f(\n    a,\n    b=2,\n)\n", "f(\n    a,\n    b=2, k=1,\n)\n"),
    ],
)
def test_an_argument_is_set(text: str, expected: str) -> None:
    source = Source(text)
    source.set_argument(the(source, "f"), "k", "1")
    assert source.text() == expected


def test_several_changes_of_one_text() -> None:
    source = Source(TEXT)
    source.remove_item(source.parent(the(source, "Softmax")))
    source.rename(the(source, "sigmoid"), "tanh")
    source.insert_before(at(TEXT, "sigmoid"), "a = 1\nb = 2")
    source.insert_after(at(TEXT, "return"), "c = 3")
    expected = TEXT.replace("    nn.Softmax(dim=1),  # last\n", "").replace("torch.sigmoid", "torch.tanh")
    expected = expected.replace("    y = torch", "    a = 1\n    b = 2\n    y = torch") + "    c = 3\n"
    assert source.text() == expected


def test_overlapping_changes_are_refused() -> None:
    source = Source("f(g(x))\n")
    source.replace(the(source, "f"), "1")
    source.replace(the(source, "g"), "2")
    with pytest.raises(ValueError, match="overlap"):
        source.text()


@pytest.mark.parametrize(
    ("imports", "spelled", "added"),
    [
        ("import torch\n", "torch.nn.Softmax", ""),
        ("import torch.nn as nn\n", "nn.Softmax", ""),
        ("from torch import nn\n", "nn.Softmax", ""),
        ("from torch.nn import Linear, Softmax\n", "Softmax", ""),
        ("from torch.nn import Linear\n", "Softmax", "from torch.nn import Softmax\n"),
        ('"""About."""\n', "Softmax", "from torch.nn import Softmax\n"),
    ],
)
def test_a_name_is_spelled_as_the_file_knows_it(imports: str, spelled: str, added: str) -> None:
    source = Source(imports + "x = 1\n")
    assert source.spell("torch.nn.Softmax") == spelled
    assert source.text() == imports + added + "x = 1\n"


def test_renaming_a_function_that_was_imported_by_name() -> None:
    source = Source("from torch.nn import BCELoss\nloss = BCELoss()\n")
    source.rename(the(source, "BCELoss"), "BCEWithLogitsLoss")
    assert source.text() == dedent(
        """\
        from torch.nn import BCELoss
        from torch.nn import BCEWithLogitsLoss
        loss = BCEWithLogitsLoss()
        """
    )


def test_neighbours_are_taken_out_together() -> None:
    source = Source("f(a, b)\n")
    for arg in the(source, "f").args:
        source.remove_item(arg)
    assert source.text() == "f()\n"
