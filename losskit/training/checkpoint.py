"""Checkpoints: complete or absent, written while training goes on, and read without running code from the file."""

from __future__ import annotations

import copy
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch


def save(state: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write the state to a temporary file beside `path`, then rename: a crash or a full disk keeps the old one."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        torch.save(state, temporary)
        with open(temporary, "rb+") as file:  # renamed only when it is on the disk
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint that `save` wrote. Tensors and plain data only: nothing in the file is executed."""
    try:
        return torch.load(path, weights_only=True)
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{path}: expected a checkpoint of tensors and plain data: {error}") from error


class Writer:
    """Writes the checkpoints of one run in a thread of its own; the end of a `with` block waits for the last one.

    One is being written, one may wait: where the disk is slower than the training, a newer one takes the waiting one's
    place. An error is raised by the next `check` or `save`, or by the end of the block.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(1, "losskit-checkpoint")
        self._waiting: deque[dict[str, Any]] = deque(maxlen=1)
        self._written: deque[dict[str, Any]] = deque(maxlen=1)
        self._error: Exception | None = None

    def save(self, state: dict[str, Any]) -> None:
        """Copy the state now; the copy is written while training goes on."""
        self.check()
        # Into the memory of one that is written: fresh memory takes ten times as long to fill.
        self._waiting.append(_copied(state, self._written.pop() if self._written else None))
        self._thread.submit(self._write)

    def check(self) -> None:
        """Raise what went wrong with a file, once."""
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _write(self) -> None:
        try:
            state = self._waiting.pop()
        except IndexError:  # a newer one took its place, and is written
            return
        try:
            save(state, self.path)
        except Exception as error:
            self._error = error
        self._written.append(state)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._thread.shutdown(wait=True)
        if error is None:
            self.check()
        elif self._error is not None:
            error.add_note(f"the last checkpoint could not be written either: {self._error}")


def _copied(value: Any, into: Any = None) -> Any:
    """Tensors copied to the CPU's memory, at any depth, over those of `into` where they fit; the rest stays."""
    if isinstance(value, torch.Tensor):
        if isinstance(into, torch.Tensor) and (into.shape, into.dtype) == (value.shape, value.dtype):
            return into.copy_(value.detach())
        return value.detach().to("cpu", copy=True)
    if isinstance(value, dict):
        copied = copy.copy(value)  # a state_dict has its modules' versions as an attribute
        old = into if isinstance(into, dict) else {}
        copied.update({key: _copied(part, old.get(key)) for key, part in value.items()})
        return copied
    if isinstance(value, list):
        old = into if isinstance(into, list) and len(into) == len(value) else [None] * len(value)
        return [_copied(part, before) for part, before in zip(value, old, strict=True)]
    return value
