"""The line on which a script made the data that it trains on: where the variable that holds it got its value."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FrameType
from typing import Any

from losskit.doctor.discarded import discarded
from losskit.doctor.orders import unshared
from losskit.doctor.probe.lineage import Step, behind, entered, lineage, looped, mapped, names_on, produced
from losskit.doctor.probe.session import Session
from losskit.doctor.syntax import parsed
from losskit.recording.facts import Place

Found = tuple[Place, list[Step]]  # the last line, and all of them

TRIES = 3  # batches after which a variable that was not found is no longer looked for


class Origins:
    """Notes one Site of kind "data" per role ("inputs", "targets"), from the first batches that are trained on.

    Beside it the lines further back that wrote into the data or rounded it down, and those that changed its order.
    What `before` knew in the training before, of what data sets are made of, is still known.
    """

    def __init__(self, session: Session, before: Origins | None = None) -> None:
        self._session = session
        self._tries: dict[str, int] = {}
        self._kept: dict[object, dict[str, Found]] = {} if before is None else before._kept
        self._names: set[str] = set()  # of the variables that inputs and targets went through
        self._tree: ast.Module | None = None  # of the file they are made in

    def note(self, role: str, *tests: Callable[[Any], bool]) -> None:
        """Find the variable of the script, in the frames that are running, whose value passes a test; the first test
        that any variable passes decides."""
        if self._tries.get(role, 0) >= TRIES:
            return
        self._tries[role] = self._tries.get(role, 0) + 1
        self._told(role, self._find(tests))

    def keep(self, dataset: object, role: str, otherwise: Place | None, *tests: Callable[[Any], bool]) -> None:
        """The same for what a data set is made of, to be noted when that data set is trained on."""
        found = self._find(tests) or (None if otherwise is None else (otherwise, []))
        if found is not None:
            self._kept.setdefault(dataset, {})[role] = found

    def keep_held(self, name: object, dataset: Any) -> None:
        """The same for an object of the script's own that keeps the arrays: a row of numbers per sample is an input.

        Where no variable of the script holds such an array, the attribute of the object does; where that holds no
        array, the method that gives a pair tells.
        """
        code = getattr(getattr(type(dataset), "__init__", None), "__code__", None)
        for attribute, array in list(getattr(dataset, "__dict__", {}).items()):
            ndim = getattr(array, "ndim", 0)
            if ndim and hasattr(array, "dtype"):
                found = self._find([lambda value, array=array: value is array])
                found = found or self._in_constructor(code, f"self.{attribute}")
                if found is not None:
                    self._kept.setdefault(name, {}).setdefault("inputs" if ndim > 1 else "targets", found)
        for role, given in self._given(getattr(type(dataset), "__getitem__", None)).items():
            kept = self._kept.setdefault(name, {})
            kept[role] = _joined(kept.get(role), given)

    def note_given(self, data: Any) -> None:
        """The same for what a script gives its batches with: an object of its own, a generator, a pipeline that its
        functions are mapped over."""
        given = self._given(getattr(data, "gi_frame", None) or getattr(type(data), "__getitem__", None))
        if not given:
            found, tree = self._find([lambda value: value is data]), self._tree
            function = None if found is None or tree is None else next(mapped(tree, found[1]), None)
            if found is not None and tree is not None and function is not None:
                ways = produced(tree, function).items()
                given = {role: (Place(found[0].file, way[0].line), way) for role, way in ways if way}
        for role, found in given.items():
            self._told(role, found)

    def note_written(self, role: str, frame: FrameType | None, value: ast.expr | None) -> None:
        """The same for an expression in the line that is running, which no variable holds the value of."""
        frame = self._session.places.frame(frame)
        here = None if frame is None else self._session.places.of(frame)
        tree = None if frame is None else parsed(frame.f_code.co_filename)
        if frame is None or here is None or tree is None or value is None or self._tries.get(role, 0) > TRIES:
            return
        way = _arrays(behind(tree, value), frame)
        if way:
            self._tree = tree
            self._told(role, (Place(here.file, way[0].line), way))

    def _given(self, source: Any) -> dict[str, Found]:
        """By role, what a function of the script (or a generator that is at work) gives."""
        code = getattr(source, "f_code", None) or getattr(source, "__code__", None)
        tree = parsed(code.co_filename) if code is not None and self._session.places.is_users(code) else None
        if code is None or tree is None:
            return {}
        functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
        function = next((node for node in functions if _first_line(node) == code.co_firstlineno), None)
        if function is None:
            return {}
        self._tree = tree
        found: dict[str, Found] = {}
        for role, way in produced(tree, function).items():
            place = self._session.places.in_code(code, way[0].line) if way else None
            if place is not None:
                found[role] = place, way
        return found

    def _in_constructor(self, code: CodeType | None, attribute: str) -> Found | None:
        tree = None if code is None else parsed(code.co_filename)
        if code is None or tree is None:
            return None
        way = lineage(tree, attribute, 0)
        place = self._session.places.in_code(code, way[0].line) if way else None
        self._tree = tree
        return None if place is None else (place, way)

    def trained_on(self, dataset: object) -> None:
        for role, found in self._kept.get(dataset, {}).items():
            self._told(role, found)

    def _told(self, role: str, found: Found | None) -> None:
        if found is None or self._tries.get(role, 0) > TRIES:
            return
        self._tries[role] = TRIES + 1
        place, way = found
        self._session.site("data", place, role)
        made = next((step for step in way if not step.picked), None)
        if made is not None:
            self._session.site("made", Place(place.file, made.line), role)
        if way:
            self._session.site("first", Place(place.file, way[-1].line), role)
        for step in way:
            if step.divided:
                self._session.site("divided", Place(place.file, step.line), role)
            if step.how != "assigned":
                self._session.site(step.how, Place(place.file, step.line), role)
        if self._tree is None:
            return
        names = names_on(self._tree, way)
        for unkept in discarded(self._tree):
            if unkept.name.rpartition(".")[2] in names:
                self._session.site("discarded", Place(place.file, unkept.line), role)
        self._names |= names
        for reorder in unshared(self._tree):
            if reorder.name.rpartition(".")[2] in self._names:
                self._session.site("reordered", Place(place.file, reorder.line), reorder.name)

    def _find(self, tests: Iterable[Callable[[Any], bool]]) -> Found | None:
        places = self._session.places
        for is_it in tests:
            frame = places.frame(sys._getframe(2))
            while frame is not None:
                here, name = places.of(frame), _name(frame, is_it)
                tree = None if name is None else parsed(frame.f_code.co_filename)
                way = [] if name is None or tree is None else _arrays(lineage(tree, name, frame.f_lineno), frame)
                way = way if tree is None else entered(tree, way) or looped(tree, name or "", frame.f_lineno)
                if here is not None and way:
                    self._tree = tree
                    return Place(here.file, way[0].line), way
                frame = places.frame(frame.f_back)
        return None


def _joined(held: Found | None, given: Found) -> Found:
    """What is done to the data on its way out of an object comes after what the object holds."""
    if held is None:
        return given
    return held[0], [*(step for step in given[1] if step.how == "floored"), *held[1]]


def _first_line(function: ast.FunctionDef) -> int:
    """As the code of the function names it: that of its first decorator."""
    return min([function.lineno, *(one.lineno for one in function.decorator_list)])


def _arrays(way: list[Step], frame: FrameType) -> list[Step]:
    """The steps back to the first array: what that was made of is another thing (a table, a list of files)."""
    values = dict(frame.f_globals)
    for one in reversed(list(_frames(frame))):  # what the callers hold, too
        values |= one.f_locals
    kept = [step.name.startswith("self.") or _is_array(values.get(step.name)) for step in way]
    return way[: kept.index(False, 1)] if False in kept[1:] else way


def _is_array(value: Any) -> bool:
    return hasattr(value, "ndim") and not hasattr(value, "columns")


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _name(frame: FrameType, is_it: Callable[[Any], bool]) -> str | None:
    """The variable, or the attribute of an object of the script, that holds it."""
    for values in (frame.f_locals, frame.f_globals):
        for name, value in reversed(list(values.items())):  # of two names of one thing the later is nearer to its use
            if is_it(value):
                return name
            if type(value).__module__ == frame.f_globals.get("__name__"):
                for attribute, held in list(getattr(value, "__dict__", {}).items()):
                    if is_it(held):
                        return f"self.{attribute}"
    return None


__all__ = ["Origins"]
