"""The peers on the same scripts: how many faulty and how many healthy ones each of them flags.

    pip install -c constraints.txt ".[torch,tensorflow,jax,sklearn,peers]"
    python benchmarks/faults/peers.py benchmarks/faults/validation

The first four read curves: they get the training loss, validation loss, gradient norm and learning rate that losskit's
probe recorded in one run of the script. torchmortem hooks the run: it is given the model and the optimizer of a
PyTorch script from its second step on, and the loss of each step. A finding of severity warning or above (sk-autod,
which has no such word: HIGH or above) flags the script; a peer that fails on a run flags nothing. None of them names a
line, a cause in the source, or a repair that it has tried.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import gc
import io
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from run import Script, read, row

from losskit.recording import file
from losskit.recording.recording import Recording

SECONDS = 180


def losslint(recording: Recording) -> list[str]:
    from losslint.checks import run_all_checks
    from losslint.parsing import load_run

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        validation = recording.signal("validation/loss")
        with path.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("step", "loss", "eval_loss"))
            evaluated = dict(zip(validation.steps, validation.values, strict=True))
            for step, value in recording.signal("loss"):
                writer.writerow((step, value, evaluated.get(step, "")))
        return [one.check for one in run_all_checks(load_run(path)) if one.severity in ("error", "warning")]


def trainpulse(recording: Recording) -> list[str]:
    from trainpulse import Monitor

    monitor = Monitor()
    norms = dict(recording.signal("gradient_norm"))
    for step, value in recording.signal("loss"):
        monitor.log("loss", step, value)
        if step in norms:
            monitor.log("grad_norm", step, norms[step])
    return [alert.detector for alert in monitor.report().alerts if alert.severity.value != "info"]


def sk_autod(recording: Recording) -> list[str]:
    from sk_autod import diagnose

    validation = recording.signal("validation/loss")
    steps, values = np.array(recording.signal("loss").steps), recording.signal("loss").array()
    epochs = np.searchsorted(steps, validation.steps, side="right")
    train = [float(part.mean()) for part in np.split(values, epochs)[: len(validation)] if len(part)]
    findings = diagnose(train, validation.values).findings
    return [one.detector_name for one in findings if one.severity.value in ("HIGH", "CRITICAL")]


def training_doctor(recording: Recording) -> list[str]:
    from training_doctor import Doctor

    doctor = Doctor().set_auto_print(False)
    norms, rate, validation = (dict(recording.signal(name)) for name in ("gradient_norm", "rate", "validation/loss"))
    now: dict[str, float] = {}
    for step, value in recording.signal("loss"):
        now["lr"] = rate.get(step, now.get("lr", next(iter(rate.values()), 0.0)))
        also = {"grad_norm": norms[step]} if step in norms else {}
        also |= {"val_loss": validation[step]} if step in validation else {}
        doctor.log(step=step, loss=value, **now, **also)
    return [str(one) for one in doctor.diagnoses if one.severity.value != "info"]


READERS: dict[str, Callable[[Recording], list[str]]] = {
    "losslint": losslint,
    "trainpulse": trainpulse,
    "sk-autod": sk_autod,
    "training-doctor": training_doctor,
}


def autopsy(script: str) -> list[str]:
    """Run the script in this process under torchmortem."""
    import torch
    from torch.optim.optimizer import register_optimizer_step_post_hook
    from torchmortem import Autopsy

    patients: list[Any] = []
    losses: list[float] = []
    backward = torch.Tensor.backward

    def heard(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        losses.append(float(tensor.detach().sum()))
        backward(tensor, *args, **kwargs)

    def stepped(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        if patients:
            patients[0].step(loss=losses[-1] if losses else float("nan"))
            return
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        modules = [one for one in gc.get_objects() if isinstance(one, torch.nn.Module)]
        holding = [one for one in modules if held & {id(p) for p in one.parameters()}]
        if holding:
            model = max(holding, key=lambda one: sum(1 for _ in one.modules()))
            patients.append(Autopsy(model, optimizer=optimizer))
            patients[0].attach()

    torch.Tensor.backward = heard
    register_optimizer_step_post_hook(stepped)
    sys.argv = [script]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit, Exception):
        runpy.run_path(script, run_name="__main__")
    if not patients:
        return []
    patients[0].detach()
    report = patients[0].get_report()
    return [one.title for one in report.findings if one.severity.name != "INFO"] if report else []


def recorded(path: Path, kept: Path) -> Recording:
    """What a run of the script recorded; a recording that is kept already is not made again."""
    to = kept / f"{path.parent.name}~{path.stem}.jsonl"
    if not to.exists():
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "losskit.doctor.probe", "--recording", f"{to}.part", path.name]
        with contextlib.suppress(subprocess.TimeoutExpired):  # what it recorded until then is what they get
            subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, timeout=SECONDS, check=False)
        os.replace(f"{to}.part", to)
    return file.read(to)


def asked(path: Path, kept: Path) -> dict[str, list[str] | None]:
    """Peer → what it found; None where it cannot be used."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    recording = recorded(path, kept)
    said: dict[str, list[str] | None] = {}
    for name, reader in READERS.items():
        try:
            said[name] = reader(recording)
        except Exception:  # of the peer: it flags nothing
            said[name] = []
    said["torchmortem"] = None
    if recording.start is not None and recording.start.framework == "torch":
        command = [sys.executable, str(Path(__file__).resolve()), "--autopsy", path.name]
        try:
            done = subprocess.run(
                command, cwd=path.parent, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            said["torchmortem"] = json.loads(done.stdout.strip().splitlines()[-1])
        except (subprocess.TimeoutExpired, json.JSONDecodeError, IndexError):
            said["torchmortem"] = []
    return said


def print_peers(scripts: list[Script], workers: int, recordings: Path | None = None) -> None:
    """Two rows for each peer. Recordings that are in the folder are used, others are made, and kept there."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        kept = (recordings or Path(folder)).resolve()
        kept.mkdir(parents=True, exist_ok=True)
        heard = list(zip(scripts, pool.map(lambda script: asked(script.path, kept), scripts), strict=True))
    for peer in (*READERS, "torchmortem"):
        for title, wanted in (("faulty", True), ("healthy or corrected", False)):
            said = [answers[peer] for script, answers in heard if bool(script.codes) == wanted]
            print(row(f"{peer}: {title}, flagged", (bool(one) for one in said if one is not None)))


def main() -> None:
    parser = argparse.ArgumentParser(description="The peers on folders of scripts.")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--recordings", type=Path, help="a folder to keep the recordings in; those in it are used")
    parser.add_argument("--autopsy", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.autopsy:
        print(json.dumps(autopsy(str(options.folders[0]))))
        return
    for folder in options.folders:
        print(folder)
        scripts = [read(path) for path in sorted(folder.resolve().glob("*.py"))]
        print_peers(scripts, options.workers, options.recordings)


if __name__ == "__main__":
    main()
