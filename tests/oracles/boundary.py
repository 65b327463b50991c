"""Twins of losskit.losses.boundary."""

from __future__ import annotations

from mpmath import exp

import losskit
from tests.oracles.classification import far_digits
from tests.oracles.oracle import oracle


@oracle(losskit.Boundary, variants=({}, {"input": "probabilities"}), cancelling=(2,), extent=lambda loss, x: 1.0)
@far_digits
def boundary(loss, prediction, target):
    return target * (1 / (1 + exp(-prediction)) if loss.input == "logits" else prediction)
