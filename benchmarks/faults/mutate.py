"""Put faults into healthy scripts: a folder of mutants that really hurt, for run.py.

    python benchmarks/faults/mutate.py benchmarks/faults/development OUT --most 3

Every operator is tried on the folder's healthy scripts, in a fixed order, until `--most` of its mutants are faulty: a
mutant that fails to run, or whose task metric is not worse than the healthy script's by LEAST, is as good as the
healthy one (an equivalent mutant) and is dropped. The healthy script is kept beside it as NAME.correct.py.
"""

from __future__ import annotations

import argparse
import difflib
import math
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from operators import OPERATORS, Operator

from losskit.doctor.remedies.source import Source
from losskit.recording.file import read
from losskit.recording.recording import Recording

LEAST = 0.1  # of an accuracy or an R²
SECONDS = 120


@cache
def outcome(text: str, name: str) -> Recording | None:
    """What a run of that script recorded; None when it failed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_text(text, encoding="utf-8")
        to = Path(folder, "recording.jsonl")
        command = [sys.executable, "-m", "losskit.doctor.probe", "--recording", str(to), name]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return None
        return read(to) if done.returncode == 0 and to.exists() else None


def score(recording: Recording) -> float | None:
    """The task metric, not below 0; None when there was none, NaN counts as 0."""
    value = recording.metric.value if recording.metric else None
    return None if value is None else 0.0 if math.isnan(value) else max(value, 0.0)


def mutant(text: str, operator: Operator) -> tuple[str, list[int]] | None:
    """The script with the fault, and the lines that it is in."""
    tree = Source(text)
    operator(tree)
    changed = tree.text()
    if changed == text:
        return None
    lines: list[int] = []
    blocks = difflib.SequenceMatcher(a=text.splitlines(), b=changed.splitlines(), autojunk=False).get_opcodes()
    for kind, _, _, start, end in blocks:
        imports = start < end and all(line.startswith(("import", "from")) for line in changed.splitlines()[start:end])
        if kind != "equal" and not imports:
            lines += range(start + 1, max(end, start + 1) + 1)
    return changed, lines


def hurts(name: str, healthy: str, faulty: str) -> bool:
    """Whether the fault costs what it should, or loses a metric that there was."""
    good = outcome(healthy, name)
    goal = score(good) if good is not None else None
    bad = outcome(faulty, name) if goal is not None else None
    return goal is not None and bad is not None and goal - (score(bad) or 0.0) >= LEAST


def mutate(operator: str, scripts: list[Path], out: Path, most: int) -> None:
    code, change = OPERATORS[operator]
    kept = 0
    for path in random.Random(operator).sample(scripts, len(scripts)):
        healthy = path.read_text(encoding="utf-8")
        found = mutant(healthy, change)
        if found is None or not hurts(path.name, healthy, found[0]):
            continue
        name = f"{path.name.split('.')[0]}__{operator}"
        header = f"# fault: {code} line {', '.join(map(str, found[1]))}"
        _, _, rest = found[0].partition("\n")
        (out / f"{name}.py").write_text(f"{header}\n{rest}", encoding="utf-8")
        (out / f"{name}.correct.py").write_text(healthy, encoding="utf-8")
        print(f"{code} {name}", file=sys.stderr, flush=True)
        kept += 1
        if kept == most:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description="Put faults into healthy scripts.")
    parser.add_argument("healthy", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--most", type=int, default=3, help="mutants of each operator")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    scripts = [path for path in sorted(options.healthy.glob("*.py")) if path.read_text().startswith("# healthy")]
    with ThreadPoolExecutor(options.workers) as pool:
        list(pool.map(lambda operator: mutate(operator, scripts, options.out, options.most), OPERATORS))


if __name__ == "__main__":
    main()
