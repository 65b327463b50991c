"""Changed texts of source files: what a remedy proposes, a trial runs and the user gets."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import tokenize
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Patch:
    """New texts by file, everything else as it is on disk. Hashable, so that a version is run once per seed."""

    files: tuple[tuple[Path, str], ...] = ()

    def changed(self, file: Path, text: str) -> Patch:
        """This patch, with that text for the file (the text it has on disk means: not changed)."""
        others = tuple(item for item in self.files if item[0] != file)
        return Patch(others if text == read_source(file) else tuple(sorted((*others, (file, text)))))

    def text(self, file: Path) -> str:
        return dict(self.files).get(file) or read_source(file)

    def contents(self) -> dict[Path, bytes]:
        return {file: text.encode(_encoding(file)) for file, text in self.files}

    def diff(self, folder: Path) -> str:
        """One unified diff against the files on disk, with names as seen from `folder`."""
        return "".join(unified(read_source(file), text, shown(file, folder)) for file, text in self.files)


def read_source(file: Path) -> str:
    """The text of a Python file, in the encoding it declares, its line ends as they are.

    Raises SyntaxError for an unknown encoding and UnicodeDecodeError for a text that is not in it.
    """
    with open(file, encoding=_encoding(file), newline="") as opened:
        return opened.read()


def unified(before: str, after: str, name: str) -> str:
    """A unified diff that `git apply` and `patch -p1` understand (of a whole path, seen from the root)."""
    name = name.lstrip("/")
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def original_line(before: str, after: str, line: int) -> int:
    """The line of `before` that became this line of `after` (of new lines: the one they replaced or came before)."""
    matcher = difflib.SequenceMatcher(None, _lines(before), _lines(after), autojunk=False)
    for _, start, end, new_start, new_end in matcher.get_opcodes():
        if new_start < line <= new_end:
            return max(1, min(start + line - new_start, end if end > start else start + 1))
    return line


def shown(file: str | Path, folder: Path) -> str:
    """A file's name for people: relative to `folder` when it lies in it."""
    path = Path(os.path.abspath(folder / file))
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def write_atomically(path: Path, content: bytes, like: Path | None = None) -> None:
    """The whole content or, if anything fails, what was there before; with the permissions of `like`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        if like is not None:
            shutil.copymode(like, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _lines(text: str) -> list[str]:
    """The lines with their ends. A form feed, which `str.splitlines` takes for an end, is not one in a source file."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _encoding(file: Path) -> str:
    with open(file, "rb") as opened:
        return tokenize.detect_encoding(opened.readline)[0]


__all__ = ["Patch", "original_line", "read_source", "shown", "unified", "write_atomically"]
