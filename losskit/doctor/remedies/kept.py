"""The result of a call that changes nothing in place, kept in the variable that was meant to change."""

from __future__ import annotations

import libcst as cst

from losskit.doctor.discarded import discarded
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.source import Source


def kept(finding: Finding, text: str) -> Edit | None:
    """``X = scaler.transform(X)`` wherever the file says ``scaler.transform(X)`` alone; None when the finding is not
    about one of these lines."""
    tree = Source(text)
    found = list(discarded(tree.syntax))
    if finding.used_at is None or finding.used_at.line not in [one.line for one in found]:
        return None
    names = {one.line: one.name for one in found}
    for statement in tree.nodes(cst.Expr):
        name = names.get(tree.line(statement))
        if name is not None and isinstance(statement.value, cst.Call):
            tree.replace(statement.value, f"{name} = {tree.code(statement.value)}")
    return Edit("keep-result", "Keep what the call gives back", tree.text())


__all__ = ["kept"]
