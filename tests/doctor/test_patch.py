"""Changed texts: nothing else of the file changes, and nothing is lost when writing fails."""

import os
import subprocess

import pytest

from losskit.doctor.patch import Patch, original_line, read_source, shown, write_atomically


def test_a_patch_of_no_change_is_no_patch(tmp_path):
    file = tmp_path / "train.py"
    file.write_text("a = 1\n")
    patch = Patch().changed(file, "a = 2\n")
    assert patch.text(file) == "a = 2\n"
    assert patch.changed(file, "a = 1\n") == Patch()
    assert hash(patch) == hash(Patch().changed(file, "a = 2\n"))


def test_line_ends_and_encoding_stay(tmp_path):
    file = tmp_path / "train.py"
    content = "# -*- coding: latin-1 -*-\r\nname = 'é'\r\n".encode("latin-1")
    file.write_bytes(content)
    text = read_source(file)
    assert "é" in text
    assert "\r\n" in text
    assert Patch().changed(file, text + "b = 1\r\n").contents() == {file: content + b"b = 1\r\n"}
    marked = tmp_path / "marked.py"
    marked.write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert Patch().changed(marked, "a = 2\n").contents() == {marked: b"\xef\xbb\xbfa = 2\n"}


def test_the_diff_of_several_files_can_be_applied(tmp_path):
    texts = {"train.py": ("a = 1\nb = 2\n", "a = 1\nb = 3\n"), "lib/model.py": ("x = 1\n\x0c\nend", "x = 2\n\x0c\nend")}
    patch = Patch()
    for name, (before, after) in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(before)
        patch = patch.changed(tmp_path / name, after)
    diff = patch.diff(tmp_path)
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=tmp_path, check=True)
    for name, (_, after) in texts.items():
        assert (tmp_path / name).read_text() == after


@pytest.mark.parametrize(
    ("line", "original"),
    [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4)],  # "new" was put before b, c became C
)
def test_lines_of_the_patched_text_are_lines_of_the_original(line, original):
    assert original_line("a\nb\nc\nd\n", "a\nnew\nb\nC\nd\n", line) == original


def test_names_for_people(tmp_path):
    assert shown(tmp_path / "lib" / "model.py", tmp_path) == "lib/model.py"
    assert shown("train.py", tmp_path) == "train.py"
    assert shown("/elsewhere/train.py", tmp_path) == "/elsewhere/train.py"


def test_writing_is_all_or_nothing(tmp_path, monkeypatch):
    target = tmp_path / "train.py"
    target.write_text("old")
    target.chmod(0o750)
    write_atomically(target, b"new", like=target)
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o750

    def refuse(source, destination):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, b"newer")
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["train.py"]
