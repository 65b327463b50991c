"""Recordings out of logs: our own, and those of other tools, which hold fewer signals."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from losskit.recording.facts import Start
from losskit.recording.file import read as read_recording
from losskit.recording.readers.csv_log import read_csv
from losskit.recording.readers.trainer_state import read_trainer_state
from losskit.recording.recording import Recording


def read(path: str | os.PathLike[str]) -> Recording:
    """Read a training log: our JSON Lines, CSV (Keras CSVLogger, Lightning metrics.csv) or trainer_state.json.

    Which of them it is, is told by what is in it. Raises ValueError with the file and what was expected for any other.
    """
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    if not text.strip():
        raise ValueError(f"{path}: expected a training log, got an empty file")
    if not text.lstrip().startswith("{"):
        recording = read_csv(text, str(path))
    elif _is_one_object(text):
        recording = read_trainer_state(text, str(path))
    else:
        return _own(path)
    recording.start = replace(recording.start or Start(script=""), script=str(path))
    return recording


def _own(path: str | os.PathLike[str]) -> Recording:
    try:
        return read_recording(path)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: expected losskit's signals and facts, got a line of another make ({error!r})"
        ) from None


def _is_one_object(text: str) -> bool:
    """A whole JSON document, and not the first of several lines."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        return False
    return "signal" not in document and "fact" not in document


__all__ = ["read"]
