"""The line on which a script made the data that it trains on: where the variable that holds it got its value."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from losskit.doctor.probe.session import Session
from losskit.recording.facts import Place


class Origins:
    """Notes one Site of kind "data" per role ("inputs", "targets"), from the first batch that is trained on."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._noted: set[str] = set()

    def note(self, role: str, *tests: Callable[[Any], bool]) -> None:
        """Find the variable of the script, in the frames that are running, whose value passes a test; the first test
        that any variable passes decides."""
        if role in self._noted:
            return
        self._noted.add(role)
        for is_it in tests:
            place = self._find(is_it)
            if place is not None:
                self._session.site("data", place, role)
                return

    def _find(self, is_it: Callable[[Any], bool]) -> Place | None:
        places = self._session.places
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
