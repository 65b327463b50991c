"""What the doctor reaches on folders of faulty and healthy scripts, as one table.

    python benchmarks/faults/run.py benchmarks/faults/validation              # detection
    python benchmarks/faults/run.py benchmarks/faults/validation --fix        # and what --fix brings back
    python benchmarks/faults/run.py benchmarks/faults/development benchmarks/faults/validation --fix --peers
                                                                              # a table for each set, peers beside it

The first line of a script says what is in it: `# healthy`, or `# fault: LK101 line 23`, where the codes joined by
`or` name the same cause and any of the lines is one that a person would change. `NAME.correct.py` is the faulty
`NAME.py` without its fault. Every diagnosis is appended to --results as it comes, and a script that is in there is not
run again.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

LINES = 3  # a place this near the fault leads a person to it
BACK = 0.8  # of the way from the faulty script's metric to the correct one's
LEAST_GAP = 0.02  # a fault that costs less than this has nothing to bring back

Document = dict[str, Any]


@dataclass(frozen=True)
class Script:
    """One script and the fault that its first line tells."""

    path: Path
    codes: tuple[str, ...]  # empty: healthy
    lines: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def correct(self) -> str:
        return f"{self.name}.correct"


def read(path: Path) -> Script:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    if first == "# healthy":
        return Script(path, (), ())
    if (fault := re.fullmatch(r"# fault: (LK\d+(?: or LK\d+)*) line (\d+(?:, \d+)*)", first)) is None:
        raise SystemExit(f"{path}: expected '# healthy' or '# fault: LK101 line 23' in the first line, got {first!r}")
    return Script(path, tuple(fault[1].split(" or ")), tuple(int(line) for line in fault[2].split(", ")))


def diagnose(path: Path, *options: str) -> Document:
    """The doctor's JSON for a script, or what it said when it gave none."""
    command = [sys.executable, "-m", "losskit", "doctor", path.name, "--format", "json", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"exit": done.returncode, "metric": None, "findings": [], "failed": done.stderr[-2000:]}


def treat(path: Path, seeds: int) -> Document:
    """The diagnosis with trials, and that of the script that came out of them."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, path.name)
        document = diagnose(path, "--fix", "--seeds", str(seeds), "--output", str(output))
        return {**document, "fixed": diagnose(output) if output.is_file() else None}


def alarms(document: Document) -> list[Document]:
    return [finding for finding in document["findings"] if finding["severity"] in ("warning", "error")]


def is_cause(script: Script, finding: Document) -> bool:
    return finding["code"] in script.codes


def is_near(script: Script, finding: Document) -> bool:
    line = finding["line"]
    return line is not None and any(abs(line - wanted) <= LINES for wanted in script.lines)


def score(document: Document | None) -> float:
    """The task metric; what does worse than a constant, or gives no numbers at all, counts as a constant."""
    value = document["metric"]["value"] if document and document["metric"] else None
    return max(value, 0.0) if value is not None else 0.0


def wilson(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if trials == 0:
        return 0.0, 1.0
    share, square = hits / trials, z * z / trials
    centre = share + square / 2
    half = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    return (centre - half) / (1 + square), (centre + half) / (1 + square)


def row(title: str, outcomes: Iterable[bool]) -> str:
    outcomes = list(outcomes)
    hits, trials = sum(outcomes), len(outcomes)
    low, high = wilson(hits, trials)
    share = f"{hits / trials:.0%}" if trials else "–"
    return f"{title:<46}{hits:>4} of {trials:<4}{share:>5}   [{low:.0%}, {high:.0%}]"


def print_detection(scripts: list[Script], documents: dict[str, Document]) -> None:
    for script in scripts:
        said = [f"{finding['code']}:{finding['line']}" for finding in alarms(documents[script.name])]
        wanted = f"{'/'.join(script.codes)}:{','.join(map(str, script.lines))}" if script.codes else "healthy"
        print(f"{script.name:<56}{wanted:<24}{' '.join(said) or '–'}")
    faulty = [script for script in scripts if script.codes]
    heard = {script: alarms(documents[script.name]) for script in scripts}
    first = {script: heard[script][:1] for script in faulty}
    causes = {script: [finding for finding in heard[script] if is_cause(script, finding)] for script in faulty}
    print()
    print(row("faulty: a warning or error", (bool(heard[script]) for script in faulty)))
    print(row("faulty: first-ranked is the cause", (any(is_cause(s, f) for f in first[s]) for s in faulty)))
    print(row("faulty: cause among the first three", (any(is_cause(s, f) for f in heard[s][:3]) for s in faulty)))
    print(row(f"faulty: line of the first within {LINES}", (any(is_near(s, f) for f in first[s]) for s in faulty)))
    print(row(f"faulty: line of the cause within {LINES}", (any(is_near(s, f) for f in causes[s]) for s in faulty)))
    twins = {script.correct for script in faulty}
    healthy = [script for script in scripts if not script.codes]
    print(row("healthy: flagged", (bool(heard[s]) for s in healthy if s.name not in twins)))
    print(row("corrected: flagged", (bool(heard[s]) for s in healthy if s.name in twins)))


def print_cures(scripts: list[Script], documents: dict[str, Document]) -> None:
    """Of the faulty scripts whose fault costs something: how far --fix came. `documents` has their twins too."""
    back, worse = [], []
    for script in (script for script in scripts if script.codes):
        treated, correct = documents[script.name], documents[script.correct]
        before, after, goal = score(treated), score(treated["fixed"] or treated), score(correct)
        worse.append(after < before - LEAST_GAP)
        line = f"{script.name:<56}{before:>8.3f} →{after:>8.3f}   correct {goal:>6.3f}"
        if goal - before >= LEAST_GAP:
            way = (after - before) / (goal - before)
            back.append(way >= BACK)
            line += f"   {way:>5.0%}"
        accepted = [
            remedy["id"]
            for finding in treated["findings"]
            for remedy in finding["remedies"]
            if remedy["trial"] and remedy["trial"]["accepted"]
        ]
        print(f"{line}   {' '.join(accepted) or 'nothing accepted'}")
    print()
    print(row(f"--fix: {BACK:.0%} of the way or more", back))
    print(row("--fix: worse than it was", worse))


def main() -> None:
    parser = argparse.ArgumentParser(description="What the doctor reaches on folders of scripts.")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--fix", action="store_true", help="measure what --fix brings back, too")
    parser.add_argument("--peers", action="store_true", help="and what the peers flag (see peers.py)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--results", type=Path, help="JSON Lines; what is in it is not run again")
    options = parser.parse_args()

    documents: dict[str, Document] = {}
    if options.results and options.results.exists():
        for line in options.results.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            documents[entry["name"]] = entry["document"]
    sets = [[read(path) for path in sorted(folder.resolve().glob("*.py"))] for folder in options.folders]
    jobs: dict[str, Callable[[], Document]] = {
        script.name: partial(treat, script.path, options.seeds)
        if options.fix and script.codes
        else partial(diagnose, script.path)
        for scripts in sets
        for script in scripts
    }

    def do(name: str) -> tuple[str, Document]:
        return name, jobs[name]()

    with ThreadPoolExecutor(options.workers) as pool:
        for name, document in pool.map(do, (name for name in jobs if name not in documents)):
            documents[name] = document
            print(f"{name} done", file=sys.stderr, flush=True)
            if options.results:
                with options.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"name": name, "document": document}) + "\n")
    for folder, scripts in zip(options.folders, sets, strict=True):
        print(f"\n{folder}: {sum(bool(one.codes) for one in scripts)} faulty of {len(scripts)} scripts\n")
        print_detection(scripts, documents)
        if options.fix:
            print()
            print_cures(scripts, documents)
        if options.peers:
            from peers import print_peers

            print()
            print_peers(scripts, options.workers)


if __name__ == "__main__":
    main()
