"""Oracle: what the generic tests of a loss have to know about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from mpmath import mp, mpf

from losskit.core.domain import Labels
from losskit.core.kinds import BatchwiseLoss, StructuredLoss
from losskit.core.loss import Loss

mp.dps = 150  # as tests/arrays has it: what a twin rounds to must not depend on which tests are collected

Inputs = dict[str, np.ndarray]
Number = mpf | tuple[mpf, ...]


@dataclass(frozen=True)
class Truth:
    """A distribution of targets and what a proper loss has to predict for it: the loss's inputs but the target."""

    prediction: tuple[Any, ...]
    targets: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, eq=False)
class Oracle:
    """One loss's twin, the hyper-parameters it is tested with and where its inputs get interesting.

    twin: `twin(loss, *inputs)`, the cited formula in mpmath for one value: mpf for a number, list of mpf for a row, int
    for a class index. Where the formula is a sum whose terms cancel it returns the tuple of the terms: errors are then
    measured in ulps of the sum of their magnitudes, and `why` says why no evaluation could do better. For a batchwise
    loss the twin gets whole batches (lists of the above) and returns the list of values.
    """

    loss: type[Loss]
    twin: Callable[..., Any]
    variants: tuple[Mapping[str, Any], ...] = ({},)
    kinks: Callable[..., Iterable[Any]] | None = None
    """kinks(loss, *other inputs) → where in its first argument a derivative of the loss jumps (elementwise losses)."""
    rough: Callable[..., bool] | None = None
    """rough(loss, *inputs) → whether derivatives do not exist there (rows and batches); they are not compared."""
    at_kink: Literal["middle", "zero"] = "middle"
    """The gradient at a kink: the mean of the one-sided ones, or 0."""
    ulps: float = 8.0
    condition: Callable[..., Any] | None = None
    """condition(order, loss, *inputs) → how many times the ulps a derivative may be off there (0: the value)."""
    cancelling: tuple[int, ...] = ()
    """Orders of derivative (1, 2) that are differences of terms of the size of the derivative before them divided by
    p − t (for rows: by the largest entry): automatic differentiation can do no better than ulps of that."""
    extent: Callable[..., Any] | None = None
    """extent(loss, x) → the length over which the loss changes at a coordinate x of a row, where `cancelling` asks for
    one and it is not the largest entry."""
    why: str = ""
    reach: Mapping[str, tuple[float, float]] | Callable[..., Mapping[str, tuple[float, float]]] = field(
        default_factory=dict
    )
    """The least and greatest value drawn for an input, where the docstring states a range that the domain does not; a
    mapping by input, or a function of the loss that gives one."""
    least: float = 0.0
    """What is nearer to 0 is drawn as 0, for the same reason."""
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The shape of one entry of an input, where it is neither a number nor a row of `columns`."""
    extra: Callable[..., Iterable[tuple[Any, ...]]] | None = None
    """extra(loss) → hand-chosen inputs of one value each."""
    truths: Callable[..., Iterable[Truth]] | None = None
    """truths(loss) → distributions to prove `proper` with."""
    draw: Callable[..., Inputs] | None = None
    """draw(case, n, rng, kind, dtype) → n entries, "ordinary" or "extreme", where the domains do not say it all."""
    forms: tuple[str, ...] = ()
    """The forms its inputs come in, where `draw` knows several."""
    columns: int = 4
    held: bool = False
    """Whether the twin takes `held`: the inputs (a tuple like its own) that weights are made of which the formula
    holds constant. They stay where they are while the twin's inputs move, so what is differenced is not the value."""

    def first(self) -> list[Case]:
        """The cases of the first hyper-parameters, one for each form of the inputs."""
        cases = self.cases()
        return cases[: len(cases) // len(self.variants)]

    def cases(self) -> list[Case]:
        domains = [getattr(self.loss, name, None) for name in self.loss.inputs]
        labels = [domain for domain in domains if isinstance(domain, Labels)]
        forms = (
            ["indices", "probabilities"] if any(domain.soft for domain in labels) else ["indices"] if labels else [""]
        )
        forms = list(self.forms) or forms
        if self.loss.optional:
            forms.append("required inputs only")
        return [Case(self, self.loss(**variant), form) for variant in self.variants for form in forms]


@dataclass(frozen=True, eq=False)
class Case:
    """One loss with its hyper-parameters, and the form of its inputs where it takes them in several."""

    oracle: Oracle
    loss: Loss
    form: str = ""

    def __str__(self) -> str:
        return f"{self.loss}, {self.form}" if self.form else str(self.loss)

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs that are given."""
        inputs, optional = self.loss.inputs, self.loss.optional
        return tuple(name for name in inputs if not (name in optional and self.form == "required inputs only"))

    @property
    def batchwise(self) -> bool:
        return isinstance(self.loss, BatchwiseLoss)

    @property
    def structured(self) -> bool:
        return isinstance(self.loss, StructuredLoss)

    @property
    def reduction(self) -> Any:
        """ "none" where the loss has single values, "mean" where it is one number for a batch."""
        return "none" if "none" in self.loss.reductions else "mean"

    def domain(self, name: str) -> Any:
        return getattr(self.loss, name)


ORACLES: dict[str, Oracle] = {}


def oracle(loss: type[Loss], **what: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the decorated twin as the oracle of a loss."""

    def enter(twin: Callable[..., Any]) -> Callable[..., Any]:
        if loss.__name__ in ORACLES:
            raise ValueError(f"{loss.__name__} has an oracle already")
        ORACLES[loss.__name__] = Oracle(loss, twin, **what)
        return twin

    return enter
