"""Term: what an objective adds up, a loss or a penalty, and the arithmetic that makes objectives of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from losskit.core.objective import Objective


class Term:
    """The base of Loss and Penalty: sums and multiples of terms are objectives."""

    def __add__(self, other: Any) -> Objective:
        return self._objective() + other

    def __radd__(self, other: Any) -> Objective:
        return other + self._objective()

    def __mul__(self, factor: float) -> Objective:
        return self._objective() * factor

    __rmul__ = __mul__

    def _objective(self) -> Objective:
        from losskit.core.objective import Objective  # an Objective is made of terms: the cycle is broken here

        return Objective(((1.0, self),))  # pyright: ignore[reportArgumentType] - a term is a Loss or a Penalty
