"""Folders that a run may not change: a trial works in a copy, and what it names by a whole path is still the user's."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGING = {  # audit events → which of their arguments are changed
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.mkdir": (0,),
    "os.rename": (0, 1),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.chmod": (0,),
}


def keep_untouched(folders: Iterable[str], refused: Callable[[str], None]) -> None:
    """From now on nothing in these folders is written, renamed or removed by Python code: that raises PermissionError.

    `refused` is told the path. A folder in which temporary files lie stays open, since they do, too.
    """
    temporary = os.path.realpath(tempfile.gettempdir())
    kept = tuple(
        folder + os.sep for folder in map(os.path.realpath, folders) if not (temporary + os.sep).startswith(folder)
    )

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            changed = (0,) if arguments[2] and arguments[2] & _WRITING else ()
        else:
            changed = _CHANGING.get(event, ())
        for index in changed:
            path = arguments[index]
            if isinstance(path, (str, bytes, os.PathLike)) and os.path.realpath(os.fsdecode(path)).startswith(kept):
                refused(os.fsdecode(path))
                raise PermissionError(errno.EACCES, "a trial may not change the user's files", os.fsdecode(path))

    if kept:
        sys.addaudithook(audit)


def audited(save: Callable[..., Any]) -> Callable[..., Any]:
    """`torch.save`, which writes past Python, with Python told as of any other writing, so that it can be refused."""

    @wraps(save)
    def saved(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(f, (str, os.PathLike)):
            sys.audit("open", os.fspath(f), "wb", os.O_WRONLY | os.O_CREAT)
        return save(obj, f, *args, **kwargs)

    return saved


__all__ = ["audited", "keep_untouched"]
