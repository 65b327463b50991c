"""Whose line is it: the user's innermost frame of a call, skipping Python's and the packages' own files."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from pathlib import Path
from types import CodeType, FrameType, TracebackType

from losskit.recording.facts import Place

_OURS = str(Path(__file__).resolve().parents[2]) + os.sep  # the losskit package


def _library_folders() -> tuple[str, ...]:
    paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    paths += [*site.getsitepackages(), site.getusersitepackages()]
    return tuple(sorted({os.path.realpath(path) + os.sep for path in paths if path}))


class Places:
    """Places of one script. `file` is relative to the folder the run started in when it lies below it."""

    def __init__(self, script: str | os.PathLike[str]) -> None:
        self.script = os.path.realpath(script)
        self._start = os.getcwd()
        self._libraries = (_OURS, *_library_folders())
        self._files: dict[str, str | None] = {}

    def here(self, frame: FrameType | None = None) -> Place | None:
        """The innermost line of the user at or above `frame` (default: the caller's)."""
        user = self.frame(frame or sys._getframe(1))
        return None if user is None else self.of(user)

    def frame(self, frame: FrameType | None) -> FrameType | None:
        """The innermost frame of the user at or above `frame`."""
        while frame is not None and self._file(frame.f_code) is None:
            frame = frame.f_back
        return frame

    def is_users(self, code: CodeType) -> bool:
        return self._file(code) is not None

    def in_code(self, code: CodeType, line: int) -> Place | None:
        file = self._file(code)
        return None if file is None else Place(file, line)

    def of(self, frame: FrameType) -> Place | None:
        file = self._file(frame.f_code)
        return None if file is None else Place(file, frame.f_lineno)

    def path(self, place: Place) -> str:
        """The file of a place, wherever the script is by now."""
        return os.path.join(self._start, place.file)

    def in_file(self, path: str, line: int) -> Place:
        return Place(self._name(path) or path, line)

    def end(self, function: object) -> Place | None:
        """The last line of a function of the user, where it says what it returns."""
        code = getattr(function, "__code__", None)
        file = self._file(code) if isinstance(code, CodeType) else None
        lines = [line for *_, line in code.co_lines() if line] if isinstance(code, CodeType) else []
        return None if file is None else Place(file, max(lines))

    def constructor(self, thing: object) -> Place | None:
        """The line that asked for `thing`, whose constructor is running or has just run."""
        frame = outside(sys._getframe())
        while frame is not None and frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is thing:
            frame = outside(frame.f_back)
        return None if frame is None else self.here(frame)

    def of_traceback(self, traceback: TracebackType | None) -> Place | None:
        """The last line of the user that an exception passed through."""
        place = None
        while traceback is not None:
            file = self._file(traceback.tb_frame.f_code)
            place = place if file is None else Place(file, traceback.tb_lineno)
            traceback = traceback.tb_next
        return place

    def _file(self, code: CodeType) -> str | None:
        """The file as a Place names it, None for one that is not the user's."""
        try:
            return self._files[code.co_filename]
        except KeyError:
            self._files[code.co_filename] = file = self._name(code.co_filename)
            return file

    def _name(self, filename: str) -> str | None:
        if filename.startswith("<"):
            return None
        path = os.path.realpath(os.path.join(self._start, filename))
        if path != self.script and (path.startswith(self._libraries) or f"{os.sep}site-packages{os.sep}" in path):
            return None
        inside = path.startswith(os.path.realpath(self._start) + os.sep)
        return os.path.relpath(path, os.path.realpath(self._start)) if inside else path


def outside(frame: FrameType | None) -> FrameType | None:
    """The innermost frame at or above this one that is not the probe's."""
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    return frame


def without_ours(error: BaseException) -> None:
    """Take the probe's frames out of an exception's traceback, and of those it was raised from."""
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue:
        one = queue.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        kept: list[TracebackType] = []
        traceback = one.__traceback__
        while traceback is not None:
            filename = traceback.tb_frame.f_code.co_filename
            if not filename.startswith(_OURS):
                kept.append(traceback)
            traceback = traceback.tb_next
        for first, second in zip(kept, [*kept[1:], None], strict=False):  # none is left of a SyntaxError
            first.tb_next = second
        one.__traceback__ = kept[0] if kept else None
        queue += [one.__cause__, one.__context__]


__all__ = ["Places", "outside", "without_ours"]
