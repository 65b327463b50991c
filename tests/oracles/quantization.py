"""Twin of losskit.losses.quantization."""

from __future__ import annotations

from mpmath import fsum, mpf

import losskit
from tests.oracles.oracle import oracle


def apart(x, y):
    return fsum((a - b) ** 2 for a, b in zip(x, y, strict=True))


@oracle(
    losskit.VectorQuantization,
    variants=({}, {"commitment": 0.0}, {"commitment": 2.0}),
    # Squares have to fit float32, and not to vanish in it.
    reach=dict.fromkeys(("latent", "code"), (-1e15, 1e15)),
    least=1e-15,
    columns=3,
    held=True,
)
def vector_quantization(loss, latent, code, held):
    return apart(held[0], code) + mpf(loss.commitment) * apart(latent, held[1])
