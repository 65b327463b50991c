"""What a loss claims of its cost, against the numbers that it makes on the way: of few and of many entries."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest

import losskit
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from tests.oracles import ORACLES, Case, draw

torch = pytest.importorskip("torch")
from tests.losses.largest import Largest  # noqa: E402

FEW, MANY = 40, 160
AXIS = {"PermutationInvariant": 2, "MixtureInvariant": 2, "VariogramScore": 2}
"""The axis of a sample that grows, where it is not the first: sources are few, time steps are not."""
FIRST = [
    case
    for entry in ORACLES.values()
    for case in {case.loss.facts.cost: case for case in reversed(entry.cases())}.values()
    if case.loss.kind != "elementwise"
]
"""One case of each loss, and of each cost that its hyper-parameters give it."""


def grown(case: Case, count: int, what: str) -> dict[str, np.ndarray]:
    """Inputs of that many rows of a batch, columns of a row, or entries of a sample."""
    rng = np.random.default_rng(0)
    if what == "rows":
        return draw.ordinary(case, count, rng)
    if what == "columns":
        return draw.ordinary(Case(dataclasses.replace(case.oracle, columns=count), case.loss, case.form), 2, rng)
    inputs, axis = draw.ordinary(case, 2, rng), AXIS.get(type(case.loss).__name__, 1)
    length = inputs[case.names[0]].shape[axis]
    times = max(2, count // length)
    return {
        name: np.repeat(array, times, axis=axis) if array.shape[axis : axis + 1] == (length,) else array
        for name, array in inputs.items()
    }


def made(case: Case, count: int, what: str) -> tuple[int, int, int]:
    """How many numbers go in, how many are made on the way, and how many the largest array of them holds."""
    arrays = {name: torch.from_numpy(np.asarray(array)) for name, array in grown(case, count, what).items()}
    with losskit.checks("shapes"), torch.no_grad(), Largest() as seen:
        case.loss(**arrays)
    return sum(array.numel() for array in arrays.values()), seen.total, seen.entries


def claimed(cost: str, what: str) -> int:
    """The power of n (of d: of the columns of a batch's rows) in a cost; log n is none."""
    letter = "d" if what == "columns of a batch" else "n"
    found = re.search(letter + r"\^(\d)", cost)
    return int(found[1]) if found else 1


def against(case: Case, what: str) -> str | None:
    """What speaks against the claim; None for nothing."""
    few, many = made(case, FEW, what), made(case, MANY, what)
    growth = math.log(many[0] / few[0])
    if growth < 0.5:  # boxes: their columns are four
        return None
    cost = case.loss.facts.cost
    power = claimed(cost, "columns of a batch" if case.batchwise and what == "columns" else what)
    work, memory = (math.log(after / before) / growth for before, after in zip(few[1:], many[1:], strict=True))
    if max(work, memory) > power + 0.3:
        return (
            f"{case} claims {cost!r}; in {what} its work grows with a power of {work:.2f}, its memory of {memory:.2f}"
        )
    if power > 1 and work < power - 0.5:
        return f"{case} claims {cost!r}; in {what} its work grows with a power of {work:.2f} only"
    return None


def ways(case: Case) -> list[str]:
    return ["rows", "columns"] if case.batchwise else ["entries"] if case.structured else ["columns"]


@pytest.mark.parametrize(("case", "what"), [(case, what) for case in FIRST for what in ways(case)], ids=str)
def test_work_and_memory_grow_as_claimed(case: Case, what: str) -> None:
    try:
        found = against(case, what)
    except ShapeError:
        pytest.skip("its hyper-parameters say how many columns there are")
    assert found is None, found


@pytest.mark.parametrize(("name", "what", "cost"), [("InfoNCE", "rows", "n log n"), ("Dice", "entries", "n^2")])
def test_a_wrong_cost_is_found_wrong(name: str, what: str, cost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = ORACLES[name].cases()[0]
    monkeypatch.setattr(type(case.loss), "facts", Facts(cost=cost))
    assert against(case, what) is not None


def test_a_cost_is_written_in_n_and_d() -> None:
    for case in FIRST:
        assert re.fullmatch(r"n|n log n|[nd]\^[23]", case.loss.facts.cost), str(case)
