"""Penalties: R(θ), what an objective adds for the parameters themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from losskit.arrays import namespace
from losskit.core.term import Term

Array = Any
penalties: dict[str, type[Penalty]] = {}


@dataclass(frozen=True, kw_only=True)
class Penalty(Term):
    """The base of every penalty: a subclass states `formula(self, xp, parameter)`, the value for one array."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        penalties[cls.__name__] = cls

    formula: ClassVar[Callable[..., Array]]  # formula(self, xp, …) -> values

    def __call__(self, parameters: Any) -> Array:
        """R(θ), summed over all arrays of `parameters` (an iterable, a dict, or nested ones); a scalar."""
        values = [self.formula(namespace(parameter), parameter) for parameter in parameter_list(parameters)]
        if not values:
            raise ValueError(f"{self}: expected at least one parameter, got none; an iterator can be used only once")
        return sum(values[1:], start=values[0])

    def config(self) -> dict[str, Any]:
        """The penalty as plain data: {"penalty": name, hyper-parameters…}."""
        return {"penalty": type(self).__name__, **{field.name: getattr(self, field.name) for field in fields(self)}}


def parameter_list(parameters: Any) -> list[Array]:
    """The arrays of an iterable, a dict or nested ones, in order; one array alone counts as a list of one."""
    if hasattr(parameters, "shape"):
        return [parameters]
    if isinstance(parameters, Mapping):
        parameters = parameters.values()
    if not isinstance(parameters, Iterable):
        raise TypeError(f"parameters: expected arrays, or a dict or list of them, got {type(parameters).__name__}")
    return [array for entry in parameters for array in parameter_list(entry)]
