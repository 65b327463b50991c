"""What watching costs: three real scripts with and without the doctor's probe, in turn.

Two numbers: whole wall time, which includes start-up, and the probe's own clock over the training time. The scripts are
small networks on data that comes with scikit-learn, a convolutional network, and a transformer on generated tokens.
Run: python benchmarks/doctor_overhead.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from losskit.recording.file import read

SCRIPTS = Path(__file__).parent / "scripts"


def run(command: list[str]) -> tuple[float, float]:
    """Wall seconds of the process, and of the training loop as the script itself prints it last."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True)
    return time.perf_counter() - start, float(done.stdout.strip().rsplit(" ", 1)[-1])


def main(rounds: int = 5) -> None:
    print(f"{'script':<16}{'plain':>9}{'watched':>9}{'training time':>15}{'own clock':>11}{'start-up':>10}")
    for script in sorted(SCRIPTS.glob("*.py")):
        plain, watched, clocks = [], [], []
        with tempfile.TemporaryDirectory() as folder:
            recording = f"{folder}/recording.jsonl"
            for _ in range(rounds):
                plain.append(run([str(script)]))
                watched.append(run(["-m", "losskit.doctor.probe", "--recording", recording, str(script)]))
                end = read(recording).end
                clocks.append(end.probe_seconds / max(end.training_seconds, 1e-9) if end else float("nan"))
        before, after = (statistics.median(loop for _, loop in times) for times in (plain, watched))
        extra = statistics.median(w[0] - w[1] for w in watched) - statistics.median(p[0] - p[1] for p in plain)
        print(
            f"{script.stem:<16}{before:8.2f}s{after:8.2f}s{100 * (after / before - 1):13.1f} %"
            f"{100 * statistics.median(clocks):9.1f} %{extra:9.2f}s"
        )


if __name__ == "__main__":
    main()
