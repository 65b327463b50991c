"""LK511: a division that keeps the fraction."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    if finding.used_at is None:
        return
    tree, line = Source(source), finding.used_at.line
    for kind, true in ((cst.FloorDivide, "/"), (cst.FloorDivideAssign, "/=")):
        for node in tree.nodes(kind):
            if tree.line(node) <= line <= tree.last_line(node):
                tree.replace(node, true)
    yield Edit("true-division", "Divide without rounding down", tree.text())
