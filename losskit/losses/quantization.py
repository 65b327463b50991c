"""Vector quantisation: what an encoder says and the entry of a code book that it is replaced by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative
from losskit.core.kinds import RowwiseLoss

__all__ = ["VectorQuantization"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class VectorQuantization(RowwiseLoss):
    """Code book and commitment loss: ℓ = ‖z̄ − e‖² + β ‖z − ē‖², the bar holding constant what is under it.

    Shapes: latent z and code e (…, D), the nearest entries of the code book, looked up; values (…). Unit: the latent's,
    squared. Range: [0, ∞). commitment β ≥ 0: the code moves to the latent at rate 1, the latent to its code at rate β.
    Beside a reconstruction loss, whose gradient is passed by the code to the latent. What is differentiated is not the
    value alone: finite differences of it give another gradient. Divided by D it is the mean over entries that many
    codes have. Source: van den Oord, Vinyals & Kavukcuoglu 2017, arXiv:1711.00937 (β = ¼).
    """

    commitment: float = 0.25

    latent, code = Rows(), Rows()
    differentiable = ("latent", "code")
    tasks = ("generative",)
    aliases = ("VQVAE", "CommitmentLoss")
    facts = Facts(
        gradient_bound=lambda loss: math.inf if loss.commitment else 0.0,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        non_negative(commitment=self.commitment)

    def formula(self, xp: Any, latent: Array, code: Array) -> Array:
        book, commitment = xp.stop_gradient(latent) - code, latent - xp.stop_gradient(code)
        return xp.sum(xp.square(book), axis=-1) + self.commitment * xp.sum(xp.square(commitment), axis=-1)
