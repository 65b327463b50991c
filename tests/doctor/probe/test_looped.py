"""Batches that a function of the script makes are followed to the arrays they are rows of."""

import ast

import pytest

from losskit.doctor.probe.lineage import looped

SCRIPT = """import numpy as np
import torch
X = np.load("x.npy") / 255
y = np.load("y.npy")
def batches(x, y, size):
    for start in range(0, len(x), size):
        yield torch.from_numpy(x[start:start + size]), torch.from_numpy(y[start:start + size])
for {target} in {loop}:
    loss = f(model(xb), yb)
for other in range(3):
    pass
"""


@pytest.mark.parametrize(
    ("target", "loop"),
    [
        ("xb, yb", "batches(X, y, 32)"),
        ("i, (xb, yb)", "enumerate(batches(X, y, 32))"),
        ("xb, yb", "tqdm(batches(X, y, 32))"),
    ],
)
def test_the_arrays_behind_a_loop_over_batches(target: str, loop: str) -> None:
    tree = ast.parse(SCRIPT.format(target=target, loop=loop))
    assert looped(tree, "xb", 9)[0].line == 3
    assert looped(tree, "yb", 9)[0].line == 4
    assert looped(tree, "other", 11) == []
    assert looped(tree, "loss", 9) == []
