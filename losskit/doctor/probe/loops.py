"""The loop over epochs of a script that writes its own."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from types import FrameType

from losskit.doctor.probe.places import Places
from losskit.recording.facts import Place

_Loops = tuple[tuple[int, int, str | None], ...]  # first line, last line, what a loop counts; None for a function


def epoch_loop(places: Places, frame: FrameType | None) -> Place | None:
    """The loop around what runs now whose variable is an epoch by its name; else the outermost one."""
    found: list[tuple[Place, str]] = []  # outermost first
    while frame is not None:
        place = places.of(frame) if places.is_users(frame.f_code) else None
        if place is not None:
            loops = _around(frame.f_code.co_filename, frame.f_lineno)
            found[:0] = [(replace(place, line=line), name) for line, name in loops]
        frame = frame.f_back
    named = [place for place, name in found if "epoch" in name.lower()]
    return next(iter([*named, *(place for place, _ in found)]), None)


def _around(filename: str, line: int) -> Iterator[tuple[int, str]]:
    """(line, variable) of the loops around a line, outermost first, within the function that it is in."""
    around = [block for block in _blocks(filename) if block[0] <= line <= block[1]]
    function = max((first for first, _, name in around if name is None), default=0)
    for first, _, name in around:
        if name is not None and first >= function:
            yield first, name


@lru_cache(maxsize=16)
def _blocks(filename: str) -> _Loops:
    """Every function and loop of a file, in the order of the text."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:
        return ()
    kinds = (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = sorted((node for node in ast.walk(tree) if isinstance(node, kinds)), key=lambda node: node.lineno)
    return tuple((node.lineno, node.end_lineno or node.lineno, _counts(node)) for node in nodes)


def _counts(node: ast.stmt) -> str | None:
    if isinstance(node, ast.For):
        return ast.unparse(node.target)
    return ast.unparse(node.test) if isinstance(node, ast.While) else None


__all__ = ["epoch_loop"]
