"""A unified diff in colour, with the line numbers of both sides; what is copied is the diff itself."""

from __future__ import annotations

import re

from losskit.report.html.element import Markup, element

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


def diff_block(diff: str, *, name: str, characters: int) -> Markup:
    """The diff; one longer than `characters` is cut at a line, says so, and is not offered for copying."""
    lines = diff.splitlines()
    shown, used = [], 0
    for line in lines:
        used += len(line) + 1
        if used > characters:
            break
        shown.append(line)
    whole = len(shown) == len(lines)
    cut = None if whole else element("p", f"Cut here: {len(lines) - len(shown):,} more lines.", class_="note")
    copy = element("button", "Copy patch", type="button", class_="copy", hidden=True)
    return element(
        "div",
        copy if whole else None,
        element("pre", element("code", _rows(shown)), tabindex=0, role="region", aria_label=name),
        cut,
        class_="diff",
    )


def _rows(lines: list[str]) -> list[Markup]:
    rows, old, new, inside = [], 0, 0, False
    for line in lines:
        kind, numbers = "same", {}
        if hunk := _HUNK.match(line):
            old, new, inside, kind = int(hunk[1]), int(hunk[2]), True, "hunk"
        elif not inside:  # the two lines with the file names: they begin with --- and +++
            kind = "file"
        elif line.startswith("+"):
            kind, numbers, new = "added", {"data_new": new}, new + 1
        elif line.startswith("-"):
            kind, numbers, old = "removed", {"data_old": old}, old + 1
        elif not line.startswith("\\"):  # "\ No newline at end of file"
            numbers, old, new = {"data_old": old, "data_new": new}, old + 1, new + 1
        rows.append(element("span", line + "\n", class_=kind, **numbers))
    return rows
