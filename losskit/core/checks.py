"""How much of the input is checked: "off", "shapes" or "values"."""

from __future__ import annotations

from typing import Any, Literal, get_args

from losskit.core.errors import LosskitError

Level = Literal["off", "shapes", "values"]
# One setting for the whole process, a plain global: torch.compile can guard on it, and cannot trace a ContextVar.
_level: Level = "values"


class checks:
    """Set how much input is checked, from here on or inside a `with` block.

    "off": nothing. "shapes": shapes and types only. "values" (the default): also every value against the declared
    domain. Values are read on the CPU only: on an accelerator that would wait for the device, and under a tracer there
    are none; there "values" means "shapes".
    """

    def __init__(self, level: Level) -> None:
        if level not in get_args(Level):
            raise LosskitError(f"checks: expected one of {get_args(Level)}, got {level!r}")
        global _level
        self._before, _level = _level, level

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        global _level
        _level = self._before  # pyright: ignore[reportAssignmentType] - it was the level


def shapes_are_checked() -> bool:
    return _level != "off"


def values_are_checked(xp: Any, array: Any) -> bool:
    """Whether the values of this array are to be looked at."""
    return _level == "values" and not xp.is_traced(array) and not xp.on_accelerator(array)
