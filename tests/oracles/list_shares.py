"""Twin of losskit.losses.list_shares."""

from __future__ import annotations

from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import far_digits, log, softmax
from tests.oracles.oracle import oracle
from tests.oracles.ranking import ITEMS, LISTS, NOTHING, SPREAD, lists, spread


def with_gamma(case, n, rng, kind, dtype):
    drawn = lists(case, n, rng, kind, dtype)
    gamma = rng.uniform(0, 1, (n, ITEMS)) if kind == "ordinary" else rng.choice([0.0, 0.25, 1.0], (n, ITEMS))
    return drawn | ({"gamma": gamma} if "gamma" in case.names else {})


@oracle(
    losskit.CrossEntropyNDCG,
    why=SPREAD,
    condition=lambda order, loss, prediction, target, gamma=None: spread(order, loss, prediction, target),
    extra=lambda loss: [(*entry, gamma) for entry in NOTHING for gamma in ([1.0] * ITEMS, [0.0, 1.0, 1.0, 0.5])],
    **LISTS | {"draw": with_gamma},
)
@far_digits
def cross_entropy_ndcg(loss, prediction, target, gamma=None):
    drawn = [mpf(1) / 2] * len(target) if gamma is None else gamma
    gains = [mpf(2) ** y - g for y, g in zip(target, drawn, strict=True)]
    if not any(gains):
        return mpf(0)
    return fsum(-gain / fsum(gains) * log(p) for gain, p in zip(gains, softmax(prediction), strict=True) if gain)
