"""Value and gradient at 4 million float32 elements: fused, beside what the frameworks' own compilers make of theirs.

PyTorch's function through torch.compile, optax's and Keras's (on JAX) through jax.jit of jax.value_and_grad, each
with two threads of its own, all in turn. Each peer's value is first compared with ours, so that the same is timed.

Run: python benchmarks/jitted_losses.py [--elements 4000000] [--json FILE]. Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import torch
from fused_losses import CLASSES, MOST_USED, inputs
from measure import Line, machine, ratio, report, rounds

import losskit

Run = Callable[[], Any]


IN_JAX = {
    # What fused_losses.py has, by the names of optax and Keras ("" for none).
    "squared error": ("squared_error", "MeanSquaredError"),
    "absolute error": ("", "MeanAbsoluteError"),
    "Huber": ("huber_loss", "Huber"),
    "log-cosh": ("log_cosh", "LogCosh"),
    "binary cross-entropy": ("sigmoid_binary_cross_entropy", "BinaryCrossentropy"),
    "sigmoid focal": ("sigmoid_focal_loss", "BinaryFocalCrossentropy"),
    f"cross-entropy, {CLASSES} classes": ("softmax_cross_entropy_with_integer_labels", "SparseCategoricalCrossentropy"),
}


def compiled(function: Callable[..., torch.Tensor], arrays: list[torch.Tensor]) -> Run:
    leaf = arrays[0].clone().requires_grad_()
    made = torch.compile(function)

    def run() -> torch.Tensor:
        leaf.grad = None
        value = made(leaf, arrays[1])
        value.backward()
        return value.detach()

    return run


def jitted(function: Callable[[Any, Any], Any], arrays: list[torch.Tensor]) -> Run:
    import jax
    import jax.numpy as jnp

    prediction, target = (jnp.asarray(array.numpy()) for array in arrays)
    made = jax.jit(jax.value_and_grad(function))
    return lambda: jax.block_until_ready(made(prediction, target))[0]


def of_optax(name: str) -> Callable[[Any, Any], Any]:
    import optax

    return lambda p, t: getattr(optax, name)(p, t).mean()


def of_keras(name: str) -> Callable[[Any, Any], Any]:
    import keras

    logits = {"from_logits": True} if "entropy" in name else {}
    loss = getattr(keras.losses, name)(**logits)
    return lambda p, t: loss(t, p)


def measured(elements: int) -> Iterator[Line]:
    for name, (in_optax, in_keras) in IN_JAX.items():
        loss, function = MOST_USED[name]
        arrays = inputs(loss, elements)
        assert arrays is not None
        fused = losskit.torch.fuse(loss)
        contestants: dict[str, Run] = {
            "fused": lambda fused=fused, arrays=arrays: fused.value_and_gradient(*arrays)[0],
            "torch.compile": compiled(function, arrays),
        }
        if in_optax and find_spec("optax"):
            contestants["optax, jitted"] = jitted(of_optax(in_optax), arrays)
        if in_keras and find_spec("keras") and find_spec("jax"):
            contestants["Keras on JAX, jitted"] = jitted(of_keras(in_keras), arrays)
        with losskit.checks("shapes"):
            values = {peer: float(run()) for peer, run in contestants.items()}
            times = rounds(contestants, count=9, settled=True)
        for peer in list(contestants)[1:]:
            off = abs(values[peer] - values["fused"]) / abs(values["fused"])
            if off > 1e-3:  # another loss: nothing is compared
                yield Line(
                    f"{name}: time", None, "", 1.0, peer, missing=f"its value is {values[peer]:.6g}, ours another"
                )
                continue
            value, spread = ratio(times, "fused", peer)
            yield Line(f"{name}: time", value, "", 1.0, peer, spread)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--elements", type=int, default=4_000_000)
    parser.add_argument("--json")
    given = parser.parse_args()
    torch.manual_seed(0)
    print(f"{machine()}; {given.elements:,} elements, float32, medians of interleaved rounds")
    report(measured(given.elements), given.json)


if __name__ == "__main__":
    main()
