"""CSV logs: Keras' CSVLogger and Lightning's metrics.csv, whose rows leave cells blank."""

from __future__ import annotations

import csv

from losskit.recording.readers.rows import recording_of, signal_name
from losskit.recording.recording import Recording

DELIMITERS = ",;\t"


def read_csv(text: str, name: str) -> Recording:
    """A Recording of a CSV log with a header line; cells that are no number are left out.

    Raises ValueError when no column is one that rules know.
    """
    lines = text.lstrip("\ufeff").splitlines()
    delimiter = max(DELIMITERS, key=lines[0].count)
    table = csv.DictReader(lines, delimiter=delimiter)
    if not any(signal_name(column.strip()) for column in table.fieldnames or ()):
        raise ValueError(f"{name}: expected columns such as loss, val_loss or lr, got the header {lines[0][:80]!r}")
    return recording_of(
        [
            {column.strip(): number for column, cell in row.items() if column and (number := _number(cell)) is not None}
            for row in table
        ]
    )


def _number(cell: str | list[str] | None) -> float | None:
    try:
        return float(cell) if isinstance(cell, str) and cell.strip() else None
    except ValueError:
        return None


__all__ = ["read_csv"]
