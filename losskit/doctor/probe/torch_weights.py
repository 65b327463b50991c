"""The first weights of a torch model: on which line they were drawn, and whether they have moved since."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
from torch import nn

from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_tensors import norms
from losskit.recording.facts import Place

_IN_PLACE = ("normal_", "uniform_", "fill_", "zero_", "copy_")


@dataclass
class Written:
    """Who last gave a parameter its values: a line of the script (None: torch's own default), at which version."""

    parameter: weakref.ref[torch.Tensor]
    place: Place | None
    random: bool | None
    version: int
    pointer: int

    def random_still(self, parameter: torch.Tensor) -> bool | None:
        """Whether the values are those that were drawn. A write by load_state_dict counts up the version; that of
        another memory cannot be told, unless it is another device's or another type's."""
        if parameter._version != self.version:
            return False
        return self.random if parameter.data_ptr() == self.pointer else None


class Weights:
    """Watches what writes into parameters until training has begun; `before` did so for the training before."""

    def __init__(self, session: Session, before: Weights | None = None) -> None:
        self._session = session
        self._written: dict[int, Written] = {} if before is None else before._written
        self._by_pointer: dict[int, int] = {} if before is None else before._by_pointer
        self._first: dict[str, list[tuple[weakref.ref[torch.Tensor], float]]] = {}  # layer → parameters and their norms
        self._identical: dict[str, weakref.ref[torch.Tensor]] = {}  # layer → the weight, where all rows are the same
        self._replaced = Replaced()

    def watch(self) -> None:
        if self._replaced:
            return
        put = self._replaced.put
        for name, function in list(vars(nn.init).items()):
            if name.endswith("_") and not name.startswith("_") and callable(function):
                put(nn.init, name, self._noting(function, lambda one, place: self._note(one, place, True)))
        for name in _IN_PLACE:
            put(torch.Tensor, name, self._noting(getattr(torch.Tensor, name), self._writer(name != "copy_")))
        new = nn.Parameter.__new__

        @wraps(new)
        def __new__(cls: Any, *arguments: Any, **named: Any) -> Any:
            parameter = new(cls, *arguments, **named)
            with self._session.budget:
                self._note(parameter, self._users_line(sys._getframe(1)), None)
            return parameter

        put(nn.Parameter, "__new__", __new__)

    def stop(self) -> None:
        self._replaced.restore()

    def first(self, name: str, weight: nn.Parameter | None, own: list[nn.Parameter]) -> dict[str, Any]:
        """What a Layer says of the weights it starts with."""
        first = zip(own, norms(own), strict=True)
        self._first[name] = [(weakref.ref(parameter), norm) for parameter, norm in first]
        if weight is None:
            return {}
        if _identical(weight):
            self._identical[name] = weakref.ref(weight)
        written = self._of(weight)
        return {
            "initialised": self.written_at(weight),
            "random": None if written is None else written.random_still(weight),
        }

    def written_at(self, parameter: nn.Parameter | None) -> Place | None:
        """The line of the script that gave the parameter its values; None: torch's own default."""
        written = None if parameter is None else self._of(parameter)
        return None if written is None else written.place

    def identical(self, name: str) -> bool:
        """Whether all units of the layer had the same weights at first, and still have."""
        weight = self._identical[name]() if name in self._identical else None
        if weight is None or not _identical(weight):
            self._identical.pop(name, None)
            return False
        return True

    def moved(self, name: str) -> bool | None:
        """Whether any parameter of the layer is another than at first; None when they are no longer there."""
        known = [(reference(), norm) for reference, norm in self._first.get(name, ())]
        parameters = [parameter for parameter, _ in known if parameter is not None]
        if not parameters:
            return None
        return any(now != norm for now, (_, norm) in zip(norms(parameters), known, strict=False))

    def _noting(self, function: Callable[..., Any], note: Callable[[torch.Tensor, Place | None], None]) -> Any:
        session = self._session

        @wraps(function)
        def noted(*arguments: Any, **named: Any) -> Any:
            result = function(*arguments, **named)
            if isinstance(result, torch.Tensor) and not session.closed_to("torch"):
                with session.budget:
                    note(result, self._users_line(sys._getframe(1)))
            return result

        return noted

    def _writer(self, random: bool) -> Callable[[torch.Tensor, Place | None], None]:
        """Of tensor methods only the script's own calls count: torch calls them inside its initialisers."""

        def note(tensor: torch.Tensor, place: Place | None) -> None:
            if place is not None:
                self._note(tensor, place, random)

        return note

    def _note(self, tensor: torch.Tensor, place: Place | None, random: bool | None) -> None:
        if tensor.layout is not torch.strided or isinstance(tensor, nn.UninitializedParameter):
            return
        pointer = tensor.data_ptr()
        if isinstance(tensor, nn.Parameter):
            self._by_pointer[pointer] = id(tensor)
        else:  # `.data` of a parameter, or another tensor
            known = self._written.get(self._by_pointer.get(pointer, 0))
            parameter = None if known is None else known.parameter()
            if parameter is None or parameter.data_ptr() != pointer or parameter.shape != tensor.shape:
                return
            tensor = parameter
        self._written[id(tensor)] = Written(weakref.ref(tensor), place, random, tensor._version, pointer)

    def _of(self, parameter: torch.Tensor) -> Written | None:
        written = self._written.get(id(parameter))
        return written if written is not None and written.parameter() is parameter else None

    def _users_line(self, frame: Any) -> Place | None:
        """The line that calls, when it is the script's."""
        return self._session.places.of(frame)


def _identical(weight: torch.Tensor) -> bool:
    rows = weight.detach().flatten(1)
    return len(rows) > 1 and bool((rows == rows[:1]).all())


__all__ = ["Weights"]
