"""Facts: what a loss claims of itself. Each is proven by a test for every loss that claims it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, overload

Minimiser = Literal["mean", "median", "quantile", "expectile", "mode", "probability", "log_mean", "geometric_mean"]


@dataclass(frozen=True)
class Facts:
    """Claims about the loss as a function of its first argument. None claims nothing.

    A field may be given as a function of the loss, where the claim depends on a hyper-parameter; read from a loss
    (`loss.facts`) it is a value. A field's type is in its comment; the annotations say Any because of those functions.
    """

    convex: Any = None  # bool: ℓ is convex in its first argument
    smooth: Any = None  # int: how many derivatives are continuous everywhere: 0 has kinks, 1 continuous gradient …
    gradient_bound: Any = None  # float: sup |∂ℓ/∂prediction| per element (per row: Euclidean norm); math.inf: none
    non_negative: Any = None  # bool
    zero_at_target: Any = None  # bool: ℓ(t, t) = 0
    symmetric: Any = None  # bool: ℓ(p, t) = ℓ(t, p)
    minimiser: Any = None  # Minimiser: of the constant prediction under a sample
    level: Any = None  # float: the quantile or expectile level that `minimiser` names
    proper: Any = None  # bool: minimised, in expectation, by the true distribution (and only there)
    # str: growth of time with n, the rows of a batch, else the entries of a row, list or sample ("n", "n log n", "n^2",
    # which memory grows with too), or where linear in n with d, the columns of a batch's rows ("d^2").
    cost: Any = "n"

    @overload
    def __get__(self, loss: None, owner: type) -> Facts: ...
    @overload
    def __get__(self, loss: object, owner: type) -> Facts: ...
    def __get__(self, loss: object | None, owner: type) -> Facts:
        # A descriptor, so that a class declares `facts = Facts(gradient_bound=lambda loss: loss.delta)`
        # and an instance answers `loss.facts.gradient_bound` with the number.
        if loss is None:
            return self
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(self, **{name: value(loss) for name, value in given.items() if callable(value)})

    @property
    def bounded_gradient(self) -> bool | None:
        """Whether |∂ℓ/∂prediction| has a finite bound; None when nothing is claimed."""
        return None if self.gradient_bound is None else self.gradient_bound != float("inf")
