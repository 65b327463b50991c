"""Copies in which a script runs as it would at home, and from which nothing gets back."""

import os
import time

import pytest

from losskit.trials import workplace
from losskit.trials.workplace import Workplace

LATER = time.time() + 1e6


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for name, text in {
        "src/train.py": "original",
        "src/model.py": "model",
        "data/small.csv": "1,2",
        "data/large.bin": "x" * 1000,
        "pyproject.toml": "",
        ".git/HEAD": "ref",
        "src/__pycache__/model.pyc": "cache",
        "env/pyvenv.cfg": "home",
        "env/lib/site.py": "library",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def snapshot(folder):
    return {
        str(path.relative_to(folder)): (path.read_bytes() if path.is_file() else None, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
    }


def test_a_project_is_copied_whole_and_named_alike(project):
    place = Workplace(project / "src/train.py", project / "src", LATER)
    before = snapshot(project)
    with place.copy({project / "src/train.py": b"patched"}) as copy:
        inside = copy.of(project)
        assert (inside / "src/train.py").read_text() == "patched"
        assert (copy.of(project / "src") / "../data/small.csv").read_text() == "1,2"
        assert inside.name == "project"
        for name in (".git", "src/__pycache__", "env"):
            assert not (inside / name).exists()
        (inside / "data/small.csv").write_text("changed")
        (inside / "data/new").mkdir()
        text = f"at {inside}/src/train.py"
        assert copy.restore(text) == f"at {project}/src/train.py"
        assert copy.of("/elsewhere/x") == workplace.Path("/elsewhere/x")
    assert not copy.folder.exists()
    assert snapshot(project) == before


def test_whole_paths_in_sources_and_settings_lead_into_the_copy(project):
    named = f"open('{project}/data/small.csv'); '{project}-2/x'; '{project}'"
    for name in ("src/train.py", "settings.yaml", "notes.txt"):
        (project / name).write_text(named)
    place = Workplace(project / "src/train.py", project, LATER)
    with place.copy({project / "src/model.py": named.encode()}) as copy:
        inside = copy.of(project)
        moved = f"open('{inside}/data/small.csv'); '{project}-2/x'; '{inside}'"
        for name in ("src/train.py", "src/model.py", "settings.yaml"):
            assert (inside / name).read_text() == moved
        assert (inside / "notes.txt").read_text() == named
    assert (project / "src/train.py").read_text() == named


def test_the_temporary_folder_goes_even_when_the_run_raises(project):
    place = Workplace(project / "src/train.py", project, LATER)
    with pytest.raises(KeyboardInterrupt), place.copy({}) as copy:
        raise KeyboardInterrupt
    assert not copy.folder.exists()


def test_the_largest_files_are_linked(project, monkeypatch):
    monkeypatch.setattr(workplace, "MOST_BYTES", 500)
    with Workplace(project / "src/train.py", project, LATER).copy({}) as copy:
        assert copy.of(project / "data/large.bin").is_symlink()
        assert not copy.of(project / "data/small.csv").is_symlink()
        assert copy.of(project / "data/large.bin").read_text() == "x" * 1000
    assert (project / "data/large.bin").exists()


def test_beyond_the_entries_folders_are_linked_but_never_the_scripts_own(project, monkeypatch):
    monkeypatch.setattr(workplace, "MOST_ENTRIES", 1)
    place = Workplace(project / "src/train.py", project, LATER)
    with place.copy({}) as copy:
        assert copy.of(project / "data").is_symlink()
        assert not copy.of(project / "src").is_symlink()
        assert not copy.of(project / "src/model.py").is_symlink()
    assert place.holds(project / "src/model.py")
    assert not place.holds(project / "data/small.csv")
    with pytest.raises(ValueError, match=r"small\.csv"), place.copy({project / "data/small.csv": b""}):
        pass
    assert (project / "data/small.csv").read_text() == "1,2"


def test_a_patch_of_a_linked_file_does_not_reach_the_users(project, monkeypatch):
    monkeypatch.setattr(workplace, "MOST_BYTES", 0)
    with Workplace(project / "src/train.py", project, LATER).copy({project / "src/model.py": b"new"}) as copy:
        assert copy.of(project / "src/model.py").read_text() == "new"
    assert (project / "src/model.py").read_text() == "model"


def test_what_the_training_wrote_is_left_out(project):
    began = time.time() - 100
    for path in project.rglob("*"):
        os.utime(path, (began - 1, began - 1))
    (project / "src/last.ckpt").write_text("trained")
    with Workplace(project / "src/train.py", project, began).copy({}) as copy:
        assert not copy.of(project / "src/last.ckpt").exists()
        assert copy.of(project / "src/model.py").exists()


def test_without_a_project_the_scripts_folder_and_the_current_one_are_copied(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/train.py").write_text("")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/data.csv").write_text("1")
    place = Workplace(tmp_path / "scripts/train.py", tmp_path / "run", LATER)
    assert place.roots == (tmp_path / "scripts", tmp_path / "run")
    with place.copy({}) as copy:
        assert copy.of(tmp_path / "scripts/train.py").exists()
        assert copy.of(tmp_path / "run/data.csv").read_text() == "1"
    inner = Workplace(tmp_path / "scripts/train.py", tmp_path, LATER)
    assert inner.roots == (tmp_path,)


def test_links_of_the_user_still_lead_to_the_same_files(project, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/data.csv").write_text("far")
    (project / "far").symlink_to(tmp_path / "outside")
    (project / "near.csv").symlink_to("data/small.csv")
    (project / "broken").symlink_to("nowhere")
    with Workplace(project / "src/train.py", project, LATER).copy({}) as copy:
        inside = copy.of(project)
        assert (inside / "far/data.csv").read_text() == "far"
        (inside / "near.csv").write_text("written")  # a relative link leads to the copy, not to the user's file
    assert (project / "data/small.csv").read_text() == "1,2"
