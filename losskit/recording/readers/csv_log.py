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
    rows = [
        {column.strip(): number for column, cell in row.items() if column and (number := _number(cell)) is not None}
        for row in csv.DictReader(lines, delimiter=delimiter)
    ]
    columns = {column for row in rows for column in row}
    if not any(signal_name(column) for column in columns):
        raise ValueError(
            f"{name}: expected numbers in columns such as loss, val_loss or lr, got the header {lines[0][:80]!r}"
        )
    return recording_of(rows)


def _number(cell: str | list[str] | None) -> float | None:
    try:
        return float(cell) if isinstance(cell, str) and cell.strip() else None
    except ValueError:
        return None


__all__ = ["read_csv"]
