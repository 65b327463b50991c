"""Twins of losskit.losses.consistency."""

from __future__ import annotations

import numpy as np
from mpmath import mpf

import losskit
from losskit.core.domain import Rows, Simplex
from tests.oracles.classification import exp, far_digits, log, softmax
from tests.oracles.draw import values
from tests.oracles.oracle import oracle

SOFTMAX = "z_j − z_top is rounded, so exp of it is known to that many half ulps"


def spread(*rows):
    return 1 + max(min(max(row) - min(row), 750) for row in rows) / 16


@oracle(
    losskit.RegularizedDropout,
    variants=({}, {"alpha": 4.0, "class_weight": (1.0, 2.0, 0.5)}, {"alpha": 0.0}),
    columns=3,
    # Their products have to fit float32.
    reach=dict.fromkeys(("prediction", "second"), (-1e15, 1e15)),
    why=f"{SOFTMAX}; and the last term is a product of differences",
    condition=lambda order, loss, first, target, second: spread(first, second),
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
)
@far_digits
def regularized_dropout(loss, prediction, target, second):
    p, q = softmax(prediction), softmax(second)
    if isinstance(target, int):
        target = [mpf(k == target) for k in range(3)]
    weights = loss.class_weight or (1, 1, 1)
    shares = [t * mpf(w) for t, w in zip(target, weights, strict=True)]
    surprises = [-share * log(x) for row in (p, q) for share, x in zip(shares, row, strict=True) if share]
    half = mpf(loss.alpha) / 2 * sum(shares)
    divergences = [half * (a * log(a / b) + b * log(b / a)) for a, b in zip(p, q, strict=True)]
    return *surprises, *divergences


def views(case, n, rng, kind, dtype):
    """Logits whose products fit float32, some rows alike, or nearly, in all three views."""
    forms = {"indices": rng.integers(0, 3, n), "probabilities": values(Simplex(), rng, (n, 3), kind, dtype, case)}
    rows = [np.clip(values(Rows(), rng, (n, 3), kind, dtype, case), -1e15, 1e15) for _ in range(3)]
    for i, row in enumerate(rows[1:]):
        row[::3] = rows[0][::3]
        row[1::3] = rows[0][1::3] * (1 + (i + 1) * 2.0**-12)
    return {"prediction": rows[0], "target": forms[case.form], "second": rows[1], "third": rows[2]}


@oracle(
    losskit.JensenShannonConsistency,
    variants=({}, {"consistency": 0.5, "class_weight": (1.0, 2.0, 0.5), "ignore_index": 1}),
    columns=3,
    why=f"{SOFTMAX}; and a divergence is a sum of terms of either sign",
    condition=lambda order, loss, first, target, *others: spread(first, *others),
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
    draw=views,
)
@far_digits
def jensen_shannon_consistency(loss, prediction, target, second, third):
    if target == loss.ignore_index:
        return mpf(0)
    rows = [softmax(z) for z in (prediction, second, third)]
    if isinstance(target, int):
        target = [mpf(k == target) for k in range(3)]
    weights = loss.class_weight or (1, 1, 1)
    counts = [t * mpf(w) for t, w in zip(target, weights, strict=True)]
    surprises = [-count * log(x) for count, x in zip(counts, rows[0], strict=True) if count]
    mean = [sum(each) / 3 for each in zip(*rows, strict=True)]
    factor = mpf(loss.consistency) / 3 * sum(counts)
    terms = [factor * x * log(x / m) for row in rows for x, m in zip(row, mean, strict=True) if x]
    return (*surprises, *terms) or mpf(0)


@oracle(
    losskit.MixupCrossEntropy,
    why=SOFTMAX,
    condition=lambda order, loss, row, *others: spread(row),
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
    extra=lambda loss: [([1.0, 2.0, 3.0, 4.0], 1, 1, 0.5), ([1.0, 2.0, 3.0, 1e4], 0, 3, 0.0)],
)
@far_digits
def mixup(loss, prediction, target, other, share):
    p = softmax(prediction)
    parts = ((share, target), (1 - share, other))
    return tuple(-s * log(p[k]) for s, k in parts if s)


@oracle(
    losskit.PseudoLabelCrossEntropy,
    variants=({}, {"threshold": 0.0}, {"threshold": 0.4}),
    why=SOFTMAX,
    condition=lambda order, loss, row, teacher: spread(row),
    cancelling=(2,),
    extent=lambda loss, x: 1.0,
)
@far_digits
def pseudo_label(loss, prediction, teacher):
    q = softmax(teacher)
    label = max(range(len(q)), key=lambda k: (q[k], -k))
    if q[label] < mpf(loss.threshold):
        return mpf(0)
    return -log(exp(prediction[label]) / sum(exp(z) for z in prediction))
