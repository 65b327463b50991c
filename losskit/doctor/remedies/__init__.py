"""Source edits that may cure a finding: a file per code, each with one `propose`."""

from __future__ import annotations

import ast
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from losskit.doctor.finding import Finding, Remedy
from losskit.doctor.patch import unified
from losskit.recording.recording import Recording


class Edit(NamedTuple):
    """A proposed new text of the file that the finding is in. `id` is short and kebab-case, `title` one plain line."""

    id: str
    title: str
    source: str


def remedies(finding: Finding, recording: Recording, source: str, file: str) -> tuple[Remedy, ...]:
    """The edits for this finding, the most promising first; empty when no edit of the source can cure it.

    A remedy module is `lkNNN_*.py` with `propose(finding, recording, source) -> Iterable[Edit]`.
    An edit that leaves the text as it was is dropped, and one that leaves no Python (an empty block).
    """
    prefix = finding.code.lower() + "_"
    for module in iter_modules(__path__):
        if module.name.startswith(prefix):
            edits = import_module(f"{__name__}.{module.name}").propose(finding, recording, source)
            return tuple(
                _remedy(edit, source, file) for edit in edits if edit.source != source and _is_python(edit.source)
            )
    return ()


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _remedy(edit: Edit, source: str, file: str) -> Remedy:
    return Remedy(id=edit.id, title=edit.title, source=edit.source, diff=unified(source, edit.source, file))
