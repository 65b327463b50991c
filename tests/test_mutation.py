"""The mutator of benchmarks/mutants.py changes what it says, only while it says so, and nothing else."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import losskit.core.catalogue
from losskit.arrays.numpy import xp

MUTANTS = Path(__file__).parent.parent / "benchmarks" / "mutants.py"
TOY = """
from dataclasses import dataclass

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.kinds import ElementwiseLoss


@dataclass(frozen=True, kw_only=True)
class Toy(ElementwiseLoss):
    prediction, target = Real(), Real()
    facts = Facts(convex=True, gradient_bound=lambda loss: 2.0)

    def formula(self, xp, prediction, target):
        return self.doubled(xp.abs(prediction - target)) + 1

    def doubled(self, x):
        return _twice(x)

    def never_called(self):
        return 1 + 1


def _twice(x):
    return 2 * x
"""


@pytest.fixture
def mutants(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(MUTANTS.parent))
    monkeypatch.delitem(sys.modules, "mutants", raising=False)
    import mutants

    return mutants


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A loss |p − t| · 2 + 1 in a module of its own, outside the catalogue."""
    (tmp_path / "toy.py").write_text(TOY)
    spec = importlib.util.spec_from_file_location("toyroom.toy", tmp_path / "toy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "toyroom.toy", module)
    spec.loader.exec_module(module)
    yield module.Toy
    losskit.core.catalogue.catalogue.pop("Toy")


def test_each_mutant_is_what_it_says_and_leaves_no_trace(mutants: ModuleType, toy: Any) -> None:
    before = toy().formula(xp, 3.0, 5.0)
    found = {}
    for place in mutants.places_of(toy):
        for mutant in mutants.mutants_of(place):
            with mutant.alive():
                loss = toy()
                found[mutant.change] = loss.formula(xp, 3.0, 5.0), loss.facts.convex, loss.facts.gradient_bound
            assert toy().formula(xp, 3.0, 5.0) == before == 5.0
            assert toy().facts.convex is True
            assert toy().facts.gradient_bound == 2.0
    assert {change: value for change, (value, _, _) in found.items() if value != 5.0} == {
        "self.doubled(xp.abs(prediction - target)) + 1 → self.doubled(xp.abs(prediction - target))": 4.0,
        "self.doubled(xp.abs(prediction - target)) + 1 → 1": 1,
        "self.doubled(xp.abs(prediction - target)) + 1 → self.doubled(xp.abs(prediction - target)) - 1": 3.0,
        "xp.abs(prediction - target) → prediction - target": -3.0,
        "prediction - target → prediction": 7.0,
        "prediction - target → target": 11.0,
        "prediction - target → prediction + target": 17.0,
        "1 → 2": 6.0,
        "2 * x → 2 / x": 2.0,
        "2 → 3": 7.0,
    }
    others = {change: (convex, bound) for change, (value, convex, bound) in found.items() if value == 5.0}
    assert others == {"True → False": (False, 2.0), "2.0 → 2.2": (True, 2.2)}


def test_a_mutant_says_where_it_is(mutants: ModuleType, toy: Any) -> None:
    lines = TOY.splitlines()
    places = mutants.places_of(toy)
    for mutant in (mutant for place in places for mutant in mutants.mutants_of(place)):
        before, _, _ = mutant.change.partition(" → ")
        assert mutant.file == "toy.py"
        assert lines[mutant.line - 1][mutant.column :].startswith(before)


def test_there_are_a_thousand_mutants_of_the_catalogue(mutants: ModuleType) -> None:
    own = [cls for cls in losskit.catalogue.values() if cls.__module__.startswith("losskit.losses.")]
    places = {id(place.node): place for cls in own for place in mutants.places_of(cls)}
    assert sum(1 for place in places.values() for _ in mutants.mutants_of(place)) > 1000


def test_every_equivalent_mutant_is_of_a_line_that_is_there(mutants: ModuleType) -> None:
    rows = MUTANTS.with_name("equivalent_mutants.jsonl").read_text(encoding="utf-8").splitlines()
    for row in map(json.loads, rows):
        lines = (mutants.LOSSES / row["file"]).read_text(encoding="utf-8").splitlines()
        assert row["line"] in map(str.strip, lines), row
        assert row["why"]
