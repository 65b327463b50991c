"""Objective: J = Σ wᵢ · lossᵢ + Σ λⱼ · penaltyⱼ(θ)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.loss import Loss
from losskit.core.penalty import Penalty, parameter_list

Array = Any
Term = tuple[float, Loss | Penalty]


@dataclass(frozen=True)
class Objective:
    """A weighted sum of losses and penalties, itself immutable; made by arithmetic.

    >>> import losskit
    >>> objective = losskit.CrossEntropy() + 1e-4 * losskit.L2()
    >>> str(objective)
    "CrossEntropy() + 0.0001 * L2()"
    """

    terms: tuple[Term, ...]

    def __call__(
        self,
        *inputs: Array,
        parameters: Any = None,
        weight: Array | None = None,
        mask: Array | None = None,
        **named: Array,
    ) -> Array:
        """J for these inputs, a scalar. `parameters`: θ as arrays, a dict or nested lists of them; penalties need it.

        weight and mask go to every loss.
        """
        return sum(self.breakdown(*inputs, parameters=parameters, weight=weight, mask=mask, **named).values())

    def breakdown(
        self,
        *inputs: Array,
        parameters: Any = None,
        weight: Array | None = None,
        mask: Array | None = None,
        **named: Array,
    ) -> dict[str, Array]:
        """Each term's part of J (with its coefficient), by the term's text; their sum is J."""
        theta = None if parameters is None else parameter_list(parameters)
        parts: dict[str, Array] = {}
        for coefficient, term in self.terms:
            if isinstance(term, Penalty):
                if theta is None:
                    raise TypeError(f"{term} penalises parameters: pass parameters=, e.g. model.parameters()")
                value = term(theta)
            else:
                value = term(*inputs, weight=weight, mask=mask, **named)
            name = str(term)
            parts[name] = coefficient * value + parts[name] if name in parts else coefficient * value
        return parts

    @property
    def losses(self) -> tuple[tuple[float, Loss], ...]:
        return tuple((coefficient, term) for coefficient, term in self.terms if isinstance(term, Loss))

    @property
    def penalties(self) -> tuple[tuple[float, Penalty], ...]:
        return tuple((coefficient, term) for coefficient, term in self.terms if isinstance(term, Penalty))

    def __add__(self, other: Any) -> Objective:
        if isinstance(other, (int, float)) and other == 0:  # sum([...]) starts from 0
            return self
        if isinstance(other, Objective):
            return Objective(self.terms + other.terms)
        if isinstance(other, (Loss, Penalty)):
            return Objective((*self.terms, (1.0, other)))
        return NotImplemented

    def __radd__(self, other: Any) -> Objective:
        return Objective(((1.0, other), *self.terms)) if isinstance(other, (Loss, Penalty)) else self + other

    def __mul__(self, factor: float) -> Objective:
        if not isinstance(factor, (int, float)):
            return NotImplemented
        return Objective(tuple((coefficient * factor, term) for coefficient, term in self.terms))

    __rmul__ = __mul__

    def __str__(self) -> str:
        return " + ".join(str(term) if c == 1 else f"{c:g} * {term}" for c, term in self.terms)
