"""Inputs on which released libraries gave wrong, dead or NaN values or gradients: what they and losskit give today.

The rows are those of tests/losses/test_wrong_numbers.py, which proves losskit's side of them in every framework, and
EXTRA of peer_calls.py. Each peer runs in a process of its own, in float32 unless the row says otherwise; what is not
installed is named and left out. A peer fails a row where its value or its gradient by the first input is not the truth
(relative 1e-3, absolute 1e-6 beside a 0), or where a number comes back for what has no answer.

Run: python benchmarks/wrong_numbers.py [PEER …]
"""

from __future__ import annotations

import math
import multiprocessing
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from peer_calls import EXTRA, PEERS, Extra, Peer  # noqa: E402

from losskit.core.errors import LosskitError  # noqa: E402
from tests.losses.test_wrong_numbers import ERRORS, ROWS, Row, first  # noqa: E402


@dataclass(frozen=True)
class Outcome:
    """What an input gives: a value (or a shape, where none was to come back) and a gradient, or an error."""

    value: Any = None
    gradient: Any = None
    error: str = ""

    def __str__(self) -> str:
        if self.error:
            return self.error if len(self.error) <= 60 else self.error[:59] + "…"
        return shown(self.value) + ("" if self.gradient is None else f", gradient {shown(self.gradient)}")


OURS: dict[str, Row] = {row.what: row for row in ROWS} | {
    what: Row(what, loss, inputs, math.nan, None) for what, loss, inputs, _, _ in ERRORS
}
ASKED: dict[str, Row | Extra] = {row.what: row for row in ROWS}
ASKED |= {what: Extra(what, inputs, "error") for what, _, inputs, _, _ in ERRORS} | {row.what: row for row in EXTRA}


def arrays(row: Row | Extra) -> list[np.ndarray]:
    """The inputs in float32; indices stay integers."""
    inputs = map(np.asarray, row.inputs)
    return [array if array.dtype.kind == "i" else array.astype(np.float32) for array in inputs]


def shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(shown, value)) + "]"
    return f"{value:.4g}" if isinstance(value, (int, float)) else str(value)


# -- what a peer gives -----------------------------------------------------------------------------------------------


def ask(peer: Peer) -> tuple[str, list[tuple[str, Outcome]]]:
    """The peer's version, and what it gives for each of its rows. Runs in a process of its own."""
    library, _, backend = peer.library.partition("/")
    os.environ["KERAS_BACKEND"] = backend or "torch"
    warnings.simplefilter("ignore")
    differentiate = {"torch": by_torch, "jax": by_jax, "keras": by_keras, "numpy": by_nothing}[library]
    return version(peer.distribution), [(what, outcome(differentiate, what, call)) for what, call in peer.calls()]


def outcome(differentiate: Callable[..., tuple[Any, Any]], what: str, call: Callable[..., Any]) -> Outcome:
    try:
        value, gradient = differentiate(call, arrays(ASKED[what]))
    except Exception as error:  # whatever a peer says to an input is its answer
        return Outcome(error=f"{type(error).__name__}: {error}".splitlines()[0])
    if np.ndim(value):
        return Outcome(f"shape {np.shape(value)}")
    return Outcome(float(value), None if gradient is None else np.asarray(gradient, float).tolist())


def by_torch(call: Callable[..., Any], inputs: list[np.ndarray]) -> tuple[Any, Any]:
    import torch

    tensors = [torch.tensor(array) for array in inputs]
    if tensors:
        tensors[0].requires_grad_()
    value = call(*tensors)
    if value.ndim or not value.requires_grad:
        return value.detach().numpy(), None
    value.backward()
    return value.detach().float().numpy(), None if tensors[0].grad is None else tensors[0].grad.numpy()


def by_jax(call: Callable[..., Any], inputs: list[np.ndarray]) -> tuple[Any, Any]:
    import jax

    tensors = [jax.numpy.asarray(array) for array in inputs]
    value = call(*tensors)
    return np.asarray(value), jax.grad(call)(*tensors) if tensors and not value.ndim else None


def by_keras(call: Callable[..., Any], inputs: list[np.ndarray]) -> tuple[Any, Any]:
    import keras

    if keras.backend.backend() == "torch":
        return by_torch(lambda *tensors: keras.ops.sum(call(*tensors)), inputs)
    if keras.backend.backend() == "jax":
        return by_jax(lambda *tensors: keras.ops.sum(call(*tensors)), inputs)
    import tensorflow as tf

    tensors = [tf.constant(array) for array in inputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors[0])
        value = keras.ops.sum(call(*tensors))
    return value.numpy(), tape.gradient(value, tensors[0]).numpy()


def by_nothing(call: Callable[..., Any], inputs: list[np.ndarray]) -> tuple[Any, Any]:
    return call(*inputs), None


# -- losskit, and the truth ------------------------------------------------------------------------------------------


def losskit_gives(what: str) -> Outcome | None:
    """None where losskit has no such loss."""
    asked = ASKED[what]
    if isinstance(asked, Extra) and asked.mine is not None:
        return Outcome(float(asked.mine()))
    row = OURS.get(what)
    if row is None:
        return None
    try:
        with np.errstate(all="ignore"):
            value, gradient = row.loss.value_and_gradient(*arrays(row), **(row.options or {}))
    except LosskitError as error:
        return Outcome(error=f"{type(error).__name__}: {error}")
    return Outcome(float(value), np.asarray(first(gradient), float).tolist())


def is_right(row: Row | Extra, given: Outcome) -> bool:
    if row.value == "error":
        return bool(given.error)
    if given.error or isinstance(given.value, str):
        return False
    gradient = first(row.gradient)
    return near(given.value, row.value) and (
        given.gradient is None or gradient is None or near(given.gradient, gradient)
    )


def near(given: Any, truth: Any) -> bool:
    """Within 1e-3 of the truth, or 1e-6 of a 0; what float32 cannot hold is infinite."""
    if truth == "no NaN":
        return not np.isnan(given).any()
    with np.errstate(over="ignore"):
        truth = np.asarray(truth, np.float32).astype(float)
    with np.errstate(invalid="ignore"):
        off = np.abs(np.asarray(given) - truth)
    allowed = np.where(truth == 0, 1e-6, np.maximum(1e-3 * abs(truth), 1e-12))
    return bool(np.all((given == truth) | (np.isfinite(truth) & (off <= allowed))))


def main(names: list[str]) -> None:
    rows, missing, counts = [], [], Counter()
    for peer in PEERS:
        label = f"{peer.distribution}" + (f" on {peer.library[6:]}" if peer.library.startswith("keras/") else "")
        if names and peer.distribution not in names:
            continue
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            try:
                release, outcomes = pool.submit(ask, peer).result()
            except Exception as error:  # not installed, or not importable here
                missing.append(f"{label} ({type(error).__name__}: {error})".splitlines()[0])
                continue
        for what, given in outcomes:
            row, mine = ASKED[what], losskit_gives(what)
            truth = Outcome(row.value, first(row.gradient)) if row.value != "error" else Outcome(error="an error")
            verdict = "right" if is_right(row, given) else "WRONG"
            # losskit may say that there is no answer.
            own = "no such loss" if mine is None else "right" if mine.error or is_right(row, mine) else "WRONG"
            counts.update([f"peer {verdict}", f"losskit {own}"])
            rows.append((f"{label} {release}", what, str(given), str(mine or "no such loss"), str(truth), verdict))
    print("| peer | input | the peer gives | losskit gives | truth | the peer is |\n|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(cell.replace("|", "∣") for cell in row) + " |")
    for line in missing:
        print(f"left out: {line}")
    print(
        f"{len(rows)} rows, {len({row[1] for row in rows})} inputs: "
        f"peers wrong on {counts['peer WRONG']}, right on {counts['peer right']}; "
        f"losskit right on {counts['losskit right']}, wrong on {counts['losskit WRONG']}, "
        f"without such a loss for {counts['losskit no such loss']}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
