"""The house's floors: a file imports only from floors below its own, and only some rooms know a framework."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "losskit"
FLOORS = {
    "arrays": 0,
    "core": 1,
    "recording": 1,
    "losses": 2,
    "data": 3,
    "frameworks": 3,
    "compat": 4,
    "training": 4,
    "trials": 4,
    "doctor": 5,
    "choose": 5,
    "report": 6,
    "cli": 7,
    "__main__": 8,
}
# The doors to a framework's room: losskit.torch is losskit.frameworks.torch under its short name.
DOORS = dict.fromkeys(("torch", "keras", "jax", "boosting", "sklearn"), "frameworks")
FRAMEWORKS = {"torch", "keras", "jax", "tensorflow", "sklearn", "pandas", "autograd", "lightning", "transformers"}
WITHOUT_FRAMEWORKS = {"core", "recording", "losses", "trials", "report", "cli"}
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    name = parts[0].removesuffix(".py")
    return DOORS.get(name, name) if len(parts) == 1 else name


def imports(path: Path) -> list[tuple[str, int, bool]]:
    """(module, line, whether it is imported when the file is) of every import in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in ast.walk(tree)} - {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or _type_checking(node)
        for child in ast.iter_child_nodes(node)
        for inner in ast.walk(child)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append((node.module, node.lineno, id(node) in top))
    return found


def _type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_only_go_down(path: Path) -> None:
    here = room(path)
    if here == "__init__":  # the front door
        return
    for module, line, _ in imports(path):
        parts = module.split(".")
        if parts[0] == "losskit" and len(parts) > 1:
            there = DOORS.get(parts[1], parts[1])
            assert FLOORS[there] <= FLOORS[here], f"{path}:{line}: {here} (floor {FLOORS[here]}) imports {module}"
            same_floor = FLOORS[there] == FLOORS[here] and there != here
            assert not same_floor or {here, there} == {"core", "recording"}, f"{path}:{line}: {here} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_framework_is_imported_where_none_is_known(path: Path) -> None:
    of_a_framework = path.stem in ("torch", "keras") or path.name.startswith(("torch_", "keras_"))
    if of_a_framework or room(path) not in WITHOUT_FRAMEWORKS | {"__init__", "doctor"}:
        return
    for module, line, at_import in imports(path):
        assert not (at_import and module.split(".")[0] in FRAMEWORKS), f"{path}:{line}: imports {module}"


@pytest.mark.parametrize("statement", ["import losskit", "import losskit; losskit.Huber", "import losskit.cli"])
def test_importing_losskit_imports_no_framework(statement: str) -> None:
    code = f"import sys; {statement}; print(*sorted({FRAMEWORKS!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_wrong_import_would_be_seen(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    lines = ("import torch", "from typing import TYPE_CHECKING", "if TYPE_CHECKING:", "    import jax", "def f():")
    bad.write_text("\n".join((*lines, "    import keras", "")))
    assert imports(bad) == [("torch", 1, True), ("typing", 2, True), ("jax", 4, False), ("keras", 6, False)]


def test_every_family_exports_its_losses() -> None:
    import losskit
    from losskit import losses
    from losskit.core.penalty import penalties

    beside = {"effective_number"}  # makes class weights
    assert set(losses.__all__) == set(losskit.catalogue) | set(penalties) | beside
    assert not set(losskit.aliases) & set(losskit.catalogue)
