"""Where things of a Keras script stand: what was constructed, and an argument in a call that spans several lines."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from types import FrameType
from typing import Any

import numpy as np

from losskit.doctor.probe.places import Places
from losskit.doctor.syntax import nodes, parsed
from losskit.recording.facts import Place

PLACE = "_losskit_place"  # in the __dict__ of a layer, loss or optimizer: the line that constructed it
ACTIVATION_PLACE = "_losskit_activation_place"  # in that of a layer: the line that names its activation
INITIALIZER_PLACE = "_losskit_initializer_place"  # the line that says how its kernel is drawn
LOADED = "_losskit_loaded"  # in that of a layer whose weights were given to it


def place_of(thing: Any) -> Place | None:
    """Where the user constructed a layer, a loss or an optimizer."""
    return getattr(thing, "__dict__", {}).get(PLACE)


def activation_place_of(layer: Any) -> Place | None:
    """Where the user said which activation the layer applies."""
    return getattr(layer, "__dict__", {}).get(ACTIVATION_PLACE) or place_of(layer)


def argument_place(places: Places, frame: FrameType | None, keyword: str, position: int | None = None) -> Place | None:
    """The line of an argument's value in the call that the user's innermost frame is making.

    The line of the call when the argument is not written there (a default, or ``**settings``).
    """
    user = places.frame(frame)
    if user is None:
        return None
    place, call = places.of(user), _call(user)
    if place is None or call is None:
        return place
    for argument in call.keywords:
        if argument.arg == keyword:
            return replace(place, line=argument.value.lineno)
    if position is not None and position < len(call.args):
        return replace(place, line=call.args[position].lineno)
    return replace(place, line=call.lineno)


def argument_value(places: Places, frame: FrameType | None, keyword: str, position: int) -> ast.expr | None:
    """What is written for an argument in the call that the user's innermost frame is making."""
    user = places.frame(frame)
    call = None if user is None else _call(user)
    if call is None:
        return None
    named = (argument.value for argument in call.keywords if argument.arg == keyword)
    return next(named, call.args[position] if position < len(call.args) else None)


def step_line(places: Places, frame: FrameType | None) -> Place | None:
    """The line of a train_step of the script's own that is running."""
    user = places.frame(frame)
    while user is not None and user.f_code.co_name != "train_step":
        user = places.frame(user.f_back)
    return None if user is None else places.of(user)


def same(data: Any) -> tuple[Callable[[Any], bool], Callable[[Any], bool]]:
    """Tests for what holds the data given to fit: that very object, else an array that shares its memory."""
    arrays = [one for one in _leaves(data) if isinstance(one, np.ndarray)]

    def shares(value: Any) -> bool:
        return isinstance(value, np.ndarray) and any(np.may_share_memory(value, array) for array in arrays)

    return (lambda value: value is data or any(value is array for array in arrays)), shares


def _leaves(data: Any) -> Iterator[Any]:
    """The arrays of a model with several inputs."""
    if isinstance(data, (list, tuple, dict)):
        for one in data.values() if isinstance(data, dict) else data:
            yield from _leaves(one)
    else:
        yield data


def _call(frame: FrameType) -> ast.Call | None:
    """The call expression that the frame is in the middle of.

    Told by where it ends: Python moves the start of a method call to the line of the method's name.
    """
    where = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), None)
    if where is None or where[1] is None or where[3] is None:
        return None
    return _calls(frame.f_code.co_filename).get((where[1], where[3]))


@lru_cache(maxsize=16)
def _calls(filename: str) -> dict[tuple[int, int], ast.Call]:
    """(last line, last column) → call, for every call of a file."""
    tree = parsed(filename)
    calls = nodes(tree, ast.Call) if tree is not None else ()
    return {(node.end_lineno or 0, node.end_col_offset or 0): node for node in calls}


__all__ = [
    "ACTIVATION_PLACE",
    "INITIALIZER_PLACE",
    "LOADED",
    "PLACE",
    "activation_place_of",
    "argument_place",
    "argument_value",
    "place_of",
    "same",
    "step_line",
]
