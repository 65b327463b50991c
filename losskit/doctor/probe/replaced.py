"""Functions of a framework that were put aside for the probe's own, and can be put back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Replaced:
    """Attributes of modules and classes that were exchanged, and hooks that were hung up; `restore` undoes them all."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def __bool__(self) -> bool:
        """Whether anything is exchanged now."""
        return bool(self._undo)

    def put(self, owner: Any, name: str, function: Callable[..., Any]) -> None:
        if name in vars(owner):
            before = vars(owner)[name]
            self._undo.append(lambda: setattr(owner, name, before))
        else:  # inherited: ours hides it until it is taken away
            self._undo.append(lambda: delattr(owner, name))
        setattr(owner, name, function)

    def hook(self, handle: Any) -> None:
        """Remember a framework's own handle of a hook."""
        self._undo.append(handle.remove)

    def restore(self) -> None:
        while self._undo:
            self._undo.pop()()


__all__ = ["Replaced"]
