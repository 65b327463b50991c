"""What training and starting cost: `losskit.training.fit` beside a bare PyTorch loop, Lightning and Keras; start-up.

Data are random numbers of MNIST's shape, 60,000 × 784, in batches of 128; the model is `losskit fit`'s mlp, or a small
convolutional network on the first 12,800 images; the loss is cross-entropy, the optimizer Adam. Each epoch is timed by
itself, in turn with everybody else's: those in PyTorch within one process, each backend of Keras in its own. An epoch
before counting is left out (compilation). Overheads are medians of the quotients of epochs that follow each other.

There are two bare loops: the one that is usually written (`inputs[index]`, `torch.optim.Adam(parameters)`), and one
with what fit takes (`index_select`, `fused=True`), beside which nothing hides what fit adds. Everything is measured
twice: wall time with the threads that each library takes by itself, and CPU time with one thread, which varies less on
a busy machine. Measure wall time on a quiet one: OpenMP's threads spin while they wait, and with other work on the same
cores a step of 1 ms takes up to 15 (with OMP_WAIT_POLICY=PASSIVE it takes 2 on a quiet one, half of them for waking).

Run: python benchmarks/training_speed.py [--json FILE] [--rounds N]. Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from measure import KEPT

SAMPLES, BATCH = 60_000, 128
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}
IMAGES = 100 * BATCH
OVER_BARE, OVER_NUMPY, DOCTOR = 3.0, 60.0, 0.5  # %, ms, s
KERAS = {"keras on JAX": "jax", "keras on TensorFlow": "tensorflow", "keras on PyTorch": "torch"}
USUAL, SAME, FIT, LIGHTNING = "bare loop", "bare loop, fit's batches and optimizer", "losskit fit", "lightning"


@dataclass(frozen=True)
class Row:
    """One measured claim; `spread` holds the quartiles of the value, `peer` what it is compared with."""

    name: str
    value: float
    unit: str
    target: str
    holds: bool
    peer: str
    spread: tuple[float, float]


# -- contestants: each is a function that trains one more epoch and returns its seconds -------------------------------

Epoch = Callable[[], float]


def torch_contestants(kind: str) -> dict[str, Epoch]:
    import torch

    count = SAMPLES if kind == "mlp" else IMAGES
    torch.manual_seed(0)
    inputs, targets = torch.rand(count, 784), torch.randint(0, 10, (count,))
    if kind == "cnn":
        inputs = inputs.reshape(count, 1, 28, 28)
    found = {
        USUAL: bare(network(kind), inputs, targets, same=False),
        SAME: bare(network(kind), inputs, targets, same=True),
        FIT: fit(network(kind), inputs, targets),
    }
    if kind == "mlp" and find_spec("lightning"):
        found[LIGHTNING] = lightning(network(kind), inputs, targets)
    return found


def network(kind: str):
    from torch import nn

    from losskit.training import model

    if kind == "mlp":
        return model("mlp", (784,), 10)
    front = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    middle = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    return nn.Sequential(front, middle, nn.Flatten(), nn.Linear(16 * 49, 10))


def clock() -> float:
    return time.process_time() if os.environ.get("OMP_NUM_THREADS") == "1" else time.perf_counter()


def bare(net, inputs, targets, same: bool) -> Epoch:
    import torch
    import torch.nn.functional as F

    optimizer = torch.optim.Adam(net.parameters(), fused=True if same else None)

    def epoch() -> float:
        start = clock()
        net.train()
        for index in torch.randperm(len(inputs)).split(BATCH):
            if same:
                x, y = inputs.index_select(0, index), targets.index_select(0, index)
            else:
                x, y = inputs[index], targets[index]
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
        return clock() - start

    return epoch


def fit(net, inputs, targets) -> Epoch:
    import losskit
    from losskit.training import Run

    run = Run(net, losskit.CrossEntropy(), (inputs, targets), batch_size=BATCH)

    def epoch() -> float:
        start = clock()
        run.fit(run.epoch + 1, progress=False)
        return clock() - start

    return epoch


def lightning(net, inputs, targets) -> Epoch:
    import logging
    import warnings

    import lightning
    import torch
    import torch.nn.functional as F

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    seconds = []

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def training_step(self, batch, _):
            return F.cross_entropy(self.net(batch[0]), batch[1])

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())

        def on_train_epoch_start(self) -> None:
            self.started = clock()

        def on_train_epoch_end(self) -> None:
            seconds.append(clock() - self.started)

    module = Module()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(inputs, targets), BATCH, shuffle=True)

    def epoch() -> float:
        quiet = {"logger": False, "enable_checkpointing": False, "enable_model_summary": False}
        trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", enable_progress_bar=False, **quiet)
        trainer.fit(module, loader)
        return seconds[-1]

    return epoch


def keras_contestants() -> dict[str, Epoch]:
    import keras
    import numpy as np

    random = np.random.default_rng(0)
    inputs, targets = random.random((SAMPLES, 784), dtype=np.float32), random.integers(0, 10, SAMPLES)
    layers = [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input((784,)), *layers])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    seconds = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None) -> None:
            self.started = clock()

        def on_epoch_end(self, epoch, logs=None) -> None:
            seconds.append(clock() - self.started)

    def epoch() -> float:
        model.fit(inputs, targets, batch_size=BATCH, verbose=0, callbacks=[Clock()])
        return seconds[-1]

    name = next(name for name, backend in KERAS.items() if backend == keras.backend.backend())
    return {name: epoch}


def serve(group: str) -> None:
    """Train an epoch of the contestant that each line of standard input names, and print its seconds."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is not an answer
    contestants = keras_contestants() if group == "keras" else torch_contestants(group)
    print(json.dumps(list(contestants)), file=answers, flush=True)
    for line in sys.stdin:
        print(contestants[line.strip()](), file=answers, flush=True)


class Host:
    """A process of this script that trains epochs when it is told to."""

    def __init__(self, group: str, **environment: str) -> None:
        command = [sys.executable, __file__, "--serve", group]
        kept = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | environment
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet, text=True, env=kept
        )
        self.names: list[str] = json.loads(self._answer())

    def epoch(self, name: str) -> float:
        assert self.process.stdin is not None
        print(name, file=self.process.stdin, flush=True)
        return float(self._answer())

    def _answer(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"a process for {self.process.args} ended: run it by itself to see why")
        return line

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def epochs(hosts: list[Host], rounds: int) -> dict[str, list[float]]:
    """Seconds of each contestant's epochs, all in turn; the first round is not counted."""
    times: dict[str, list[float]] = {name: [] for host in hosts for name in host.names}
    for number in range(rounds + 1):
        for host in hosts:
            for name in host.names:
                seconds = host.epoch(name)
                if number:
                    times[name].append(seconds)
    for host in hosts:
        host.close()
    return times


# -- the rows ---------------------------------------------------------------------------------------------------------


def quartiles(values: list[float]) -> tuple[float, float]:
    first, _, third = statistics.quantiles(values, n=4)
    return round(first, 3), round(third, 3)


def overhead(label: str, times: dict[str, list[float]], peer: str, steps: int) -> Row:
    over = [100 * (own / other - 1) for own, other in zip(times[FIT], times[peer], strict=True)]
    value = statistics.median(over)
    shown = f"{peer}, {1e3 * statistics.median(times[peer]) / steps:.2f} ms a step"
    return Row(f"fit over a {label}", value, "%", f"at most {OVER_BARE:g}", value <= OVER_BARE, shown, quartiles(over))


def training(rounds: int) -> Iterator[Row]:
    keras = [name for name, backend in KERAS.items() if find_spec("keras") and find_spec(backend)]
    for time_of, environment in (("wall time", {}), ("CPU time of one thread", ONE_THREAD)):
        hosts = [Host("mlp", **environment)]
        hosts += [Host("keras", KERAS_BACKEND=KERAS[name], **environment) for name in keras]
        times = epochs(hosts, rounds)
        print(f"  an epoch, {time_of}: " + ", ".join(f"{n} {statistics.median(t):.2f} s" for n, t in times.items()))
        best = min(keras, key=lambda name: statistics.median(times[name]), default=None)
        for peer, label in ((best, "the best Keras"), (LIGHTNING, "Lightning")):
            if peer in times:
                value, other = (statistics.median(times[name]) for name in (FIT, peer))
                name = f"fit's MNIST epoch beside {label}, {time_of}"
                shown = f"{peer}, {other:.2f} s"
                yield Row(name, value, "s", "at most the peer's", value <= other, shown, quartiles(times[FIT]))
        for label, count in (("MLP", SAMPLES), ("small CNN", IMAGES)):
            if label != "MLP":
                times = epochs([Host("cnn", **environment)], rounds)
            steps = -(-count // BATCH)
            yield overhead(f"bare loop, {label}, {time_of}", times, USUAL, steps)
            yield overhead(f"bare loop of the same parts, {label}, {time_of}", times, SAME, steps)


def checkpoint(rounds: int) -> Row:
    """How long training waits for a checkpoint of 64 MB, and how long the file takes."""
    import torch

    from losskit.training import checkpoint

    state = {"model": {str(i): torch.rand(2**20) for i in range(16)}}
    held, written = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt"
        with checkpoint.Writer(path) as writer:
            for number in range(rounds + 2):  # the first ones fill fresh memory
                start = time.perf_counter()
                writer.save(state)
                if number >= 2:
                    held.append(1e3 * (time.perf_counter() - start))
                while not path.exists():
                    time.sleep(0.05)
                path.unlink()
        for _ in range(rounds):
            start = time.perf_counter()
            torch.save(state, path)
            written.append(1e3 * (time.perf_counter() - start))
    value, other = statistics.median(held), statistics.median(written)
    shown = f"torch.save, {other:.0f} ms"
    name = "training waits for a checkpoint of 64 MB"
    return Row(name, value, "ms", "less than the peer's", value < other, shown, quartiles(held))


def starts(rounds: int) -> Iterator[Row]:
    imports = {"numpy": "import numpy", "losskit": "import numpy, losskit"}
    times: dict[str, list[float]] = {name: [] for name in imports}
    for _ in range(rounds):
        for name, code in imports.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times[name].append(1e3 * (time.perf_counter() - start))
    over = [own - other for own, other in zip(times["losskit"], times["numpy"], strict=True)]
    value, shown = statistics.median(over), f"import numpy, {statistics.median(times['numpy']):.0f} ms"
    target = f"at most {OVER_NUMPY:g}"
    yield Row("import losskit over import numpy", value, "ms", target, value <= OVER_NUMPY, shown, quartiles(over))

    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.py"
        script.write_text("import time\nprint(f'began {time.time()}', flush=True)\n")
        late: dict[str, list[float]] = {"python": [], "doctor": []}
        for _ in range(rounds):
            for name, command in {"python": [], "doctor": ["-m", "losskit", "doctor"]}.items():
                start = time.time()
                done = subprocess.run([sys.executable, *command, str(script)], capture_output=True, text=True)
                began = re.search(r"^began ([\d.]+)$", done.stdout + done.stderr, re.MULTILINE)
                if began is None:
                    sys.exit(f"{name} did not run the script:\n{done.stderr}")
                late[name].append(float(began[1]) - start)
    over = [own - other for own, other in zip(late["doctor"], late["python"], strict=True)]
    value, shown = statistics.median(over), f"python, {statistics.median(late['python']):.3f} s"
    name = "losskit doctor starts the script later than python"
    yield Row(name, value, "s", f"at most {DOCTOR:g}", value <= DOCTOR, shown, quartiles(over))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the rows as data")
    parser.add_argument("--rounds", metavar="N", type=int, default=9, help="epochs of each contestant (default 9)")
    parser.add_argument("--serve", metavar="GROUP", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    os.environ.update(KEPT)  # as `losskit fit` asks for it: half of a small CNN's step would be page faults
    print(f"{os.cpu_count()} CPU cores ({platform.machine()}), load {os.getloadavg()[0]:.1f}; median (quartiles)")
    rows = []
    for measured in (starts(options.rounds), [checkpoint(options.rounds)], training(options.rounds)):
        for row in measured:
            rows.append(row)
            claim = f"target {row.target}: {'holds' if row.holds else 'MISSED'}"
            spread = f"({row.spread[0]:.3g} to {row.spread[1]:.3g})"
            print(f"{row.name}: {row.value:.3g} {row.unit} {spread}; {claim}; {row.peer}", flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
