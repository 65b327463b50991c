"""The folders a script works in, and copies of them in which it can run without touching the user's."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 256 * 2**20  # of files copied for one run; the rest, the largest files, is linked
MOST_ENTRIES = 5000  # looked at; folders beyond are linked whole
NAMING = frozenset({".py", ".json", ".yaml", ".yml", ".toml", ".ini", ".cfg"})  # files that may name folders
MOST_TEXT = 2**20  # bytes of one that is searched for them
SKIPPED = frozenset({".git", ".hg", ".svn", "__pycache__", "node_modules", ".tox", ".nox", ".venv", "venv"})
PROJECT_MARKS = (".git", "pyproject.toml", "setup.py")


@dataclass(frozen=True)
class Copy:
    """One copy. `folder` is the temporary folder; what lies in it besides the copied roots is the caller's."""

    folder: Path
    roots: tuple[Path, ...]

    def of(self, path: str | os.PathLike[str]) -> Path:
        """Where the copy of a file or folder lies; the path itself when it is outside of what was copied."""
        path = Path(os.path.abspath(path))
        for index, root in enumerate(self.roots):
            if path.is_relative_to(root):
                return self._copied(index, root) / path.relative_to(root)
        return path

    def moved(self, content: bytes) -> bytes:
        """A source or a setting in which the user's folders are named, with the names they have in the copy."""
        for index, root in enumerate(self.roots):
            if root.name:
                copied = os.fsencode(self._copied(index, root))
                content = re.sub(re.escape(os.fsencode(root)) + rb"(?![\w.-])", lambda _, to=copied: to, content)
        return content

    def restore(self, text: str) -> str:
        """A text in which files of the copy are named, with the names they have at the user's."""
        for index, root in enumerate(self.roots):
            text = text.replace(str(self._copied(index, root)), str(root))
        return text

    def _copied(self, index: int, root: Path) -> Path:
        return self.folder / str(index) / (root.name or "root")


class Workplace:
    """The project a script belongs to and the folder it runs in: found once, copied for every run.

    The project is the nearest folder above the script with a mark of one (`.git`, `pyproject.toml`), else the
    script's own folder. Small files are copied; the largest, beyond MOST_BYTES, and the folders beyond MOST_ENTRIES
    are linked. Version control, virtual environments and caches are left out, and so is what is not source and was
    written since `outputs_since` (a time as of `time.time()`): the script itself wrote it while it trained, and a copy
    must neither start from it nor write through a link to it.
    """

    def __init__(self, script: Path, folder: Path, outputs_since: float) -> None:
        script, folder = script.resolve(), folder.resolve()
        self.roots = _without_nested((_project(script), folder))
        self._folders: list[Path] = []
        self._links: list[Path] = []
        self._files: list[tuple[int, Path]] = []
        self._survey((script.parent, folder, *self.roots), outputs_since)

    def holds(self, file: Path) -> bool:
        """Whether a copy has a file of its own for this one, which may then be changed."""
        return file.parent in self._folders

    @contextmanager
    def copy(self, changed: Mapping[Path, bytes]) -> Iterator[Copy]:
        """A copy with other contents in some of the files it `holds`; it is gone afterwards."""
        if outside := [str(file) for file in changed if not self.holds(file)]:
            raise ValueError(f"expected files below {', '.join(map(str, self.roots))}, got {', '.join(outside)}")
        with tempfile.TemporaryDirectory(prefix="losskit-", ignore_cleanup_errors=True) as name:
            copy = Copy(Path(name).resolve(), self.roots)
            for folder in self._folders:
                copy.of(folder).mkdir(parents=True, exist_ok=True)
            total = 0
            for size, file in self._files:
                total += size
                if total <= MOST_BYTES:
                    with suppress(FileNotFoundError):  # somebody else works here too
                        shutil.copy2(file, copy.of(file))
                        if file.suffix in NAMING and size <= MOST_TEXT:
                            _rewrite(copy.of(file), copy.moved)
                else:
                    _link(file, copy.of(file))
            for link in self._links:
                _link(link, copy.of(link))
            for file, content in changed.items():
                target = copy.of(file)
                target.unlink(missing_ok=True)  # it may be a link to the user's
                target.write_bytes(copy.moved(content))
            yield copy

    def _survey(self, starts: tuple[Path, ...], outputs_since: float) -> None:
        """Breadth first, the script's own folder before all others, so that what is near is copied."""
        queue, seen, entries = deque(starts), set[Path](), 0
        while queue:
            folder = queue.popleft()
            if folder in seen:
                continue
            seen.add(folder)
            if entries > MOST_ENTRIES and folder not in starts:
                self._links.append(folder)
                continue
            self._folders.append(folder)
            for entry in sorted(_entries(folder), key=lambda entry: entry.name):
                entries += 1
                path = Path(entry.path)
                if entry.name in SKIPPED or os.path.exists(path / "pyvenv.cfg"):
                    continue
                if entry.is_symlink():
                    self._links.append(path)
                elif entry.is_dir():
                    queue.append(path)
                elif entry.is_file() and os.access(path, os.R_OK):
                    found = entry.stat()
                    if found.st_mtime < outputs_since or path.suffix == ".py":
                        self._files.append((found.st_size, path))
        self._files.sort()


def _project(script: Path) -> Path:
    above = [folder for folder in script.parents if folder not in (Path.home(), Path(script.anchor))]
    return next(
        (folder for folder in above if any(os.path.exists(folder / mark) for mark in PROJECT_MARKS)), script.parent
    )


def _without_nested(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    unique = dict.fromkeys(folders)
    return tuple(one for one in unique if not any(one != other and one.is_relative_to(other) for other in unique))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # gone, or not ours to read: the script could not read it either
        return []


def _rewrite(file: Path, change: Callable[[bytes], bytes]) -> None:
    before = file.read_bytes()
    after = change(before)
    if after != before:
        file.chmod(file.stat().st_mode | stat.S_IWUSR)
        file.write_bytes(after)


def _link(path: Path, copy: Path) -> None:
    """A link in the copy: the user's own relative link as it is, else one to the real file."""
    if path.is_symlink() and not os.path.isabs(os.readlink(path)):
        target = Path(os.readlink(path))
        if os.path.exists(copy.parent / target):
            copy.symlink_to(target)
            return
    copy.symlink_to(path.resolve())


__all__ = ["Copy", "Workplace"]
