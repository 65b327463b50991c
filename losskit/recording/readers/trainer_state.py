"""`trainer_state.json`, which the Trainer of Hugging Face transformers writes into each checkpoint."""

from __future__ import annotations

import json
from dataclasses import replace

from losskit.recording.readers.rows import recording_of
from losskit.recording.recording import Recording


def read_trainer_state(text: str, name: str) -> Recording:
    """A Recording of its `log_history`. Note that transformers hides NaN and inf in the logged loss by default.

    Raises ValueError when the document has no `log_history`.
    """
    state = json.loads(text)
    history = state.get("log_history")
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        raise ValueError(f"{name}: expected a trainer_state.json with a list 'log_history', got {sorted(state)[:8]}")
    rows = [{key: float(value) for key, value in entry.items() if _is_number(value)} for entry in history]
    recording = recording_of(rows)
    batch = state.get("train_batch_size")
    recording.progress = replace(recording.progress, batch_size=batch if isinstance(batch, int) else None)
    return recording


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


__all__ = ["read_trainer_state"]
