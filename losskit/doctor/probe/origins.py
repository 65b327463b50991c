"""The line on which a script made the data that it trains on: where the variable that holds it got its value."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

from losskit.doctor.probe.session import Session
from losskit.recording.facts import Place

TRIES = 3  # batches after which a variable that was not found is no longer looked for


class Origins:
    """Notes one Site of kind "data" per role ("inputs", "targets"), from the first batches that are trained on."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tries: dict[str, int] = {}
        self._kept: dict[object, dict[str, Place]] = {}

    def note(self, role: str, *tests: Callable[[Any], bool]) -> None:
        """Find the variable of the script, in the frames that are running, whose value passes a test; the first test
        that any variable passes decides."""
        if self._tries.get(role, 0) >= TRIES:
            return
        self._tries[role] = self._tries.get(role, 0) + 1
        self._told(role, self._find(tests))

    def keep(self, dataset: object, role: str, otherwise: Place | None, *tests: Callable[[Any], bool]) -> None:
        """The same for what a data set is made of, to be noted when that data set is trained on."""
        place = self._find(tests) or otherwise
        if place is not None:
            self._kept.setdefault(dataset, {})[role] = place

    def trained_on(self, dataset: object) -> None:
        for role, place in self._kept.pop(dataset, {}).items():
            self._told(role, place)

    def _told(self, role: str, place: Place | None) -> None:
        if place is not None and self._tries.get(role, 0) <= TRIES:
            self._session.site("data", place, role)
            self._tries[role] = TRIES + 1

    def _find(self, tests: Iterable[Callable[[Any], bool]]) -> Place | None:
        places = self._session.places
        for is_it in tests:
            frame = places.frame(sys._getframe(2))
            while frame is not None:
                here, name = places.of(frame), _name(frame, is_it)
                line = None if name is None else _assigned(frame, name)
                if here is not None and line is not None:
                    return Place(here.file, line)
                frame = places.frame(frame.f_back)
        return None


def _name(frame: FrameType, is_it: Callable[[Any], bool]) -> str | None:
    """The variable, or the attribute of an object of the script, that holds it."""
    for values in (frame.f_locals, frame.f_globals):
        for name, value in list(values.items()):
            if is_it(value):
                return name
            if type(value).__module__ == frame.f_globals.get("__name__"):
                for attribute, held in list(getattr(value, "__dict__", {}).items()):
                    if is_it(held):
                        return attribute
    return None


def _assigned(frame: FrameType, name: str) -> int | None:
    """The last line above the running one that assigns to the name."""
    try:
        with open(frame.f_code.co_filename, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (OSError, ValueError, SyntaxError):
        return None
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assign) and name in _bound(node)]
    above = [line for line in lines if line < frame.f_lineno]
    return max(above or lines, default=None)


def _bound(assign: ast.Assign) -> Iterator[str]:
    for target in assign.targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                yield node.attr


__all__ = ["Origins"]
