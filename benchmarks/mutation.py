"""Do the tests of a loss notice when its formula or its facts are wrong? Mutants made, and how many the tests kill.

The losses of a file are examined in a process of their own: the tests are collected once, then those of a loss run
against one mutant after another until one fails: NumPy's first, torch's where no NumPy test has failed. A mutant is
killed by a test that fails under it and passes without it, or by running out of time. Code that several losses share
is mutated once, with the first of them, and tested through all of them.

Some mutants are the same function: what is put in the place of an operand whose result is thrown away, an axis that is
both the last and the second, a border where both sides agree. Those that were looked at are in
equivalent_mutants.jsonl, each with why; they are told apart from the survivors.

Run: python benchmarks/mutation.py [LOSS …] [--sample N] [--seed S] [--results FILE.jsonl] [--limit SECONDS]
With --results every verdict is appended as it is reached, and what the file has already is not run again.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import json
import multiprocessing
import random
import re
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import pytest  # noqa: E402
from mutants import LOSSES, Mutant, Place, mutants_of, places_of  # noqa: E402

import losskit  # noqa: E402

TESTS = ROOT / "tests" / "losses"
FIRST = ("value", "derivatives", "facts", "laws", "parts_left_out")  # the fast ones, before those of families
OTHERS = ("errors", "penalties", "sorted_forms", "transforms")  # of no formula, or of one that these ask too
FAMILIES = sorted({path.stem.removeprefix("test_") for path in TESTS.glob("test_*.py")} - {*FIRST, *OTHERS})
FILES = (*FIRST, *FAMILIES)
FRAMEWORKS = ("numpy", "torch")
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.jsonl")


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant; killed_by is a test, "time", or None for a survivor."""

    loss: str
    file: str
    line: int
    column: int
    change: str
    killed_by: str | None

    @property
    def key(self) -> tuple[str, str, int, int, str]:
        return self.loss, self.file, self.line, self.column, self.change


def catalogue() -> dict[str, list[tuple[Mutant, list[str]]]]:
    """For each loss the mutants of its source, shared code with the first that uses it; and who uses it."""
    users: dict[int, list[str]] = defaultdict(list)
    places: dict[int, Place] = {}
    own = {name: cls for name, cls in losskit.catalogue.items() if cls.__module__.startswith("losskit.losses.")}
    for name, cls in own.items():
        for place in places_of(cls):
            places.setdefault(id(place.node), place)
            users[id(place.node)].append(name)
    mutants: dict[str, list[tuple[Mutant, list[str]]]] = {name: [] for name in own}
    for key, names in users.items():
        mutants[names[0]] += [(mutant, names) for mutant in mutants_of(places[key])]
    return mutants


class Examiner:
    """A pytest plugin: where the collected tests would be run, they are run against each mutant."""

    def __init__(self, mutants: list[tuple[str, Mutant, list[str]]], results: Path, limit: float) -> None:
        self.mutants, self.results, self.limit = mutants, results, limit
        self.sound: dict[str, bool] = {}

    def pytest_configure(self) -> None:
        from hypothesis import Phase, settings  # not before pytest, which rewrites what it imports

        # One failure is enough: it is neither made smaller nor kept in a file.
        settings.register_profile("mutation", database=None, phases=[Phase.generate])
        settings.load_profile("mutation")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """In the order they are tried; what neither NumPy nor torch runs is left out."""
        items[:] = sorted((item for item in items if framework(item) in (None, *FRAMEWORKS)), key=cost)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Failed("the tests cannot be collected")
        signal.signal(signal.SIGVTALRM, out_of_time)
        for loss, mutant, users in self.mutants:
            # Only the tests of facts read the facts.
            items = (item for item in session.items if not mutant.place.is_fact or "test_facts" in item.nodeid)
            killer = self.killer(mutant, [item for item in items if not tests(item).isdisjoint(users)])
            verdict = Verdict(loss, mutant.file, mutant.line, mutant.column, mutant.change, killer)
            with self.results.open("a") as file:
                file.write(json.dumps(asdict(verdict), ensure_ascii=False) + "\n")
        return True

    def killer(self, mutant: Mutant, items: list[pytest.Item]) -> str | None:
        """What kills a mutant: the first test that fails with it and passes without it, or the clock."""
        left = self.limit
        for item in items:
            with mutant.alive():
                failed, left = run(item, left)
            if left <= 0:
                return "time"
            if failed and self.passes(item):
                return item.nodeid
        return None

    def passes(self, item: pytest.Item) -> bool:
        """Whether it passes with the loss as it is."""
        if item.nodeid not in self.sound:
            failed, _ = run(item, 0)
            self.sound[item.nodeid] = not failed
            if failed:
                print(f"{item.nodeid} fails without any mutant: not counted", file=sys.stderr)
        return self.sound[item.nodeid]


def run(item: Any, limit: float) -> tuple[bool, float]:
    """Whether a test fails, and what it leaves of the limit (CPU seconds; 0: none is set)."""
    from _pytest.runner import runtestprotocol

    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        reports = runtestprotocol(item, log=False, nextitem=None)
    finally:
        left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return any(report.failed for report in reports), left


def out_of_time(*_: Any) -> None:
    raise TimeoutError("the mutant ran out of time")


def framework(item: Any) -> str | None:
    """The framework a test runs in; None for one that takes no framework (it is NumPy's)."""
    return item.callspec.params.get("framework") if hasattr(item, "callspec") else None


def tests(item: Any) -> set[str]:
    """The names of the losses that a test is of: of its parameters, or those that it speaks of."""
    given = item.callspec.params if hasattr(item, "callspec") else {}
    losses = [given.get("loss"), *(getattr(given.get(name), "loss", None) for name in ("case", "row"))]
    found = {type(loss).__name__ for loss in losses if isinstance(loss, losskit.Loss)}
    return found or spoken_of(item.function)


@cache
def spoken_of(function: Any) -> set[str]:
    """The losses whose names or aliases a test's source calls."""
    called = (getattr(losskit, name, None) for name in re.findall(r"losskit\.(\w+)\(", inspect.getsource(function)))
    return {each.__name__ for each in called if isinstance(each, type) and issubclass(each, losskit.Loss)}


def cost(item: Any) -> tuple[bool, int]:
    return framework(item) == "torch", FILES.index(item.path.stem.removeprefix("test_"))


def examine(chosen: dict[str, set[int]], results: Path, limit: float) -> None:
    """Run the tests against the chosen mutants of each loss, by their number, and write the verdicts."""
    every = catalogue()
    mutants = [(loss, *every[loss][number]) for loss, numbers in chosen.items() for number in sorted(numbers)]
    files = [str(TESTS / f"test_{name}.py") for name in FILES]
    quiet = ["-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", f"--rootdir={ROOT}"]
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main([*quiet, *files], plugins=[Examiner(mutants, results, limit)])
    if status != pytest.ExitCode.OK:
        raise RuntimeError(f"{', '.join(chosen)}: pytest ended with {status!r}\n{output.getvalue()[-2000:]}")


def read(results: Path) -> Iterator[Verdict]:
    if results.exists():
        yield from (Verdict(**json.loads(line)) for line in results.read_text().splitlines())


def equivalents() -> set[tuple[str, str, int, str]]:
    """The `place` of each mutant that changes nothing."""
    rows = map(json.loads, EQUIVALENT.read_text(encoding="utf-8").splitlines())
    return {(row["file"], row["line"], row["column"], row["change"]) for row in rows}


def place(verdict: Verdict) -> tuple[str, str, int, str]:
    """File, line of its source, column in that and change: what stays when lines move."""
    source = (LOSSES / verdict.file).read_text(encoding="utf-8").splitlines()[verdict.line - 1]
    line = source.lstrip()
    return verdict.file, line, verdict.column - (len(source) - len(line)), verdict.change


def report(verdicts: list[Verdict], population: int) -> None:
    """Killed of examined for each loss, the share over all but the equivalent ones, the survivors."""
    known = equivalents()
    same = [verdict for verdict in verdicts if verdict.killed_by is None and place(verdict) in known]
    verdicts = [verdict for verdict in verdicts if verdict not in same]
    by_loss: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_loss[verdict.loss].append(verdict)
    print(f"{'loss':<40}{'killed':>8}{'examined':>10}")
    for loss, own in by_loss.items():
        print(f"{loss:<40}{sum(v.killed_by is not None for v in own):>8}{len(own):>10}")
    survivors = [verdict for verdict in verdicts if verdict.killed_by is None]
    killed = len(verdicts) - len(survivors)
    print(f"killed {killed} of {len(verdicts)} examined ({100 * killed / max(len(verdicts), 1):.1f} %), ", end="")
    slow = sum(verdict.killed_by == "time" for verdict in verdicts)
    print(f"of {population} mutants, and {len(same)} that change nothing; out of time: {slow}")
    for verdict in survivors:
        where = f"losskit/losses/{verdict.file}:{verdict.line}"
        print(f"survived: {verdict.loss}  {where}  {verdict.change}  in: {place(verdict)[1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("losses", nargs="*", metavar="LOSS", help="default: the whole catalogue")
    parser.add_argument("--sample", type=int, metavar="N", help="N mutants drawn at random; default: all")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--results", type=Path, metavar="FILE.jsonl", help="where verdicts are kept and looked up")
    parser.add_argument("--limit", type=float, default=60.0, metavar="SECONDS", help="CPU time for a mutant")
    given = parser.parse_args()
    population = catalogue()
    unknown = set(given.losses) - set(population)
    if unknown:
        parser.error(f"LOSS: expected names of the catalogue, got {sorted(unknown)}")
    losses = given.losses or list(population)
    numbered = [(loss, number) for loss in losses for number in range(len(population[loss]))]
    if given.sample is not None:
        numbered = random.Random(given.seed).sample(numbered, min(given.sample, len(numbered)))
    with tempfile.TemporaryDirectory() as temporary:
        results = given.results or Path(temporary) / "results.jsonl"
        known = {verdict.key for verdict in read(results)}
        wanted: dict[str, dict[tuple, int]] = {loss: {} for loss in losses}
        for loss, number in numbered:
            mutant, _ = population[loss][number]
            wanted[loss][loss, mutant.file, mutant.line, mutant.column, mutant.change] = number
        left: dict[str, dict[str, set[int]]] = defaultdict(dict)
        for loss, keys in wanted.items():
            if numbers := {number for key, number in keys.items() if key not in known}:
                left[losskit.catalogue[loss].__module__][loss] = numbers
        # A process for each file: what one leaves behind (caches, memory) cannot reach the next.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
            for module, chosen in left.items():
                pool.submit(examine, chosen, results, given.limit).result()
                print(f"{module}: {sum(map(len, chosen.values()))} examined", file=sys.stderr)
        keys = {key for own in wanted.values() for key in own}
        report([verdict for verdict in read(results) if verdict.key in keys], sum(map(len, population.values())))


if __name__ == "__main__":
    main()
