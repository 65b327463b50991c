"""A table, and a target for every loss that fits scores: what boosting and the estimators are tested on."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

import losskit
from losskit.core.catalogue import default
from losskit.core.domain import Cosines, Counts, Interval, Labels, Signs
from tests.oracles import ORACLES

ROWS = 300
RNG = np.random.default_rng(0)
X = RNG.normal(size=(ROWS, 4))
SIGNAL = X[:, 0] + np.sin(2 * X[:, 1])
WEIGHT = RNG.uniform(0.2, 3.0, ROWS)
TARGETS = {
    "regression": SIGNAL + 0.3 * RNG.standard_t(3, ROWS),
    "positive": np.exp(SIGNAL / 2) * RNG.gamma(3, 1 / 3, ROWS) + 0.01,
    "count": RNG.poisson(np.exp(SIGNAL / 2)).astype(float),
    "binary": (SIGNAL + RNG.normal(size=ROWS) > 0).astype(float),
    "multiclass": np.digitize(SIGNAL + 0.5 * RNG.normal(size=ROWS), [-0.7, 0.7]).astype(float),
    "share": np.clip((SIGNAL + 2.5 + 0.5 * RNG.normal(size=ROWS)) / 5, 0, 1),  # some are 0 and some 1
}


def target_of(loss: losskit.Loss) -> np.ndarray:
    """The target that goes with a loss, by the domain it declares; class indices as floats, 0/1 also for −1/+1."""
    domain = loss.domain("target")
    if isinstance(domain, Labels):
        return TARGETS["multiclass"]
    if isinstance(domain, Signs):
        return TARGETS["binary"]
    if isinstance(domain, Counts):
        return TARGETS["count"]
    assert isinstance(domain, Interval), f"{loss}: no target is known for {domain}"
    if domain.upper < math.inf:
        if {"binary", "multilabel"} & set(loss.tasks):
            return TARGETS["binary"]
        inside = np.clip(TARGETS["share"], 0.01 * domain.lower_open, 1 - 0.01 * domain.upper_open)
        return domain.lower + (domain.upper - domain.lower) * inside
    if domain.lower > -math.inf:
        return domain.lower + TARGETS["positive"]
    return 10 + TARGETS["regression"]  # away from 0, which relative errors divide by


def fits_scores(loss: losskit.Loss) -> bool:
    """Whether one row's scores, any numbers, and its target are all that the loss needs."""
    if loss.kind not in ("elementwise", "classwise") or loss.inputs[:2] != ("prediction", "target"):
        return False
    others = set(loss.inputs[2:]) - set(loss.optional)
    if loss.kind == "elementwise":
        others -= set(loss.differentiable)  # a likelihood's further parameters
    prediction = loss.domain("prediction")
    ends = getattr(prediction, "upper", math.inf) < math.inf and not hasattr(loss, "input")
    return not others and not isinstance(prediction, Cosines) and not ends


def one_of_each() -> dict[str, losskit.Loss]:
    """Every loss of the catalogue, with its defaults or the first hyper-parameters that its twin is tested with."""
    found: dict[str, Any] = {name: default(cls) for name, cls in losskit.catalogue.items()}
    return {name: ORACLES[name].cases()[0].loss if loss is None else loss for name, loss in found.items()}


def losses_of_scores() -> list[losskit.Loss]:
    """Every loss that fits scores, and some in other forms; LOSSKIT_TEST_ALL=1: in all that their twins are tested."""
    # A map of distances is no target of tables: the boundary loss falls until no pixel is left.
    fitting = [loss for loss in one_of_each().values() if fits_scores(loss) and loss.tasks != ("segmentation",)]
    fitting += [
        losskit.BinaryCrossEntropy(input="probabilities", class_weight=(1.0, 3.0)),
        losskit.CrossEntropy(input="probabilities", class_weight=(1.0, 2.0, 1.0)),
        losskit.PoissonNegativeLogLikelihood(input="mean"),
        losskit.Quantile(level=0.9),
        losskit.Barron(alpha=0.5),
    ]
    if os.environ.get("LOSSKIT_TEST_ALL"):
        fitting += [case.loss for loss in list(fitting) for case in ORACLES[type(loss).__name__].cases()]
    return list({str(loss): loss for loss in fitting}.values())
