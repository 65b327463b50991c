"""What watching costs: six real scripts with and without the doctor's probe, in turn.

The first steps are always looked at; what counts for a long run is the time after them. So the scripts print two CPU
times of their training loop last: of all steps, and of those after the first 20. Beside them stand the probe's own
clock over the training time after its warm-up, and the start-up. The scripts are small networks, one of them tiny, on
generated data and data that comes with scikit-learn, a convolutional network, a transformer on generated tokens, and a
network in Keras whose steps are compiled by JAX and by TensorFlow (of its warm-up, two epochs are left out).

glibc's malloc gives memory back and takes it again, or not, by where in the heap it happens to lie: the MLP without any
probe has from 700,000 to 1,200,000 page faults, and 15 % more time with the more. Here both sides keep their memory.
Run: python benchmarks/doctor_overhead.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import KEPT

from losskit.recording.file import read

SCRIPTS = Path(__file__).parent / "scripts"


BACKENDS = {"keras_compiled": ("jax", "tensorflow")}


def run(command: list[str], backend: str) -> tuple[float, float, float]:
    """Wall seconds of the process, and the two CPU times of the training loop that the script itself prints last."""
    start = time.perf_counter()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"} | KEPT
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True, env=environment)
    whole, after = done.stdout.split()[-2:]
    return time.perf_counter() - start, float(whole), float(after)


def main(rounds: int = 7) -> None:
    print(f"{'script':<28}{'plain':>9}{'whole':>9}{'after warm-up':>15}{'own clock':>11}{'start-up':>10}")
    chosen = [(path, backend) for path in sorted(SCRIPTS.glob("*.py")) for backend in BACKENDS.get(path.stem, ("",))]
    for script, backend in chosen:
        plain, watched, clocks = [], [], []
        with tempfile.TemporaryDirectory() as folder:
            recording = f"{folder}/recording.jsonl"
            for _ in range(rounds):
                plain.append(run([str(script)], backend))
                watched.append(run(["-m", "losskit.doctor.probe", "--recording", recording, str(script)], backend))
                end = read(recording).end
                if end is not None:
                    training = end.training_seconds - end.warm_up_seconds
                    clocks.append((end.probe_seconds - end.warm_up_probe_seconds) / training)
        without, beside = (
            [statistics.median(column) for column in zip(*times, strict=True)] for times in (plain, watched)
        )
        whole, after = (100 * (beside[i] / without[i] - 1) for i in (1, 2))
        extra = (beside[0] - beside[1]) - (without[0] - without[1])
        print(
            f"{' '.join((script.stem, backend)):<28}{without[1]:8.2f}s{whole:7.1f} %{after:13.1f} %"
            f"{100 * statistics.median(clocks):9.1f} %{extra:9.2f}s"
        )


if __name__ == "__main__":
    main()
