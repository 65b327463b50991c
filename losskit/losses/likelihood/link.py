"""The link of a positive mean: what a prediction holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from losskit.core.domain import Domain, Positive, Real
from losskit.core.kinds import ElementwiseLoss

MeanInput = Literal["log_mean", "mean"]


@dataclass(frozen=True, kw_only=True)
class LogLinkLoss(ElementwiseLoss):
    """The base of losses for a positive mean μ.

    input: what the prediction holds: "log_mean" (any real number, the default: a model's raw output) or "mean".
    """

    input: MeanInput = "log_mean"

    tasks = ("regression",)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return {"log_mean": Real(), "mean": Positive()}[self.input]

    def __post_init__(self) -> None:
        if self.input not in ("log_mean", "mean"):
            raise ValueError(f'input: expected "log_mean" or "mean", got {self.input!r}')


def mean_statistic(loss: LogLinkLoss) -> str:
    return "log_mean" if loss.input == "log_mean" else "mean"
