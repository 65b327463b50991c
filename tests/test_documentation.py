"""What the documentation shows is run: docstring examples, the README's Python, the examples, the generated pages."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import os
import pkgutil
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import losskit
from losskit.core.catalogue import default, family_of
from losskit.doctor.rules import rules

ROOT = Path(__file__).parents[1]
MODULES = sorted(m.name for m in pkgutil.walk_packages(losskit.__path__, "losskit.") if not m.name.endswith("__main__"))
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
NEEDS_DOWNLOAD = {"mnist_torch", "mnist_keras"}


def test_docstring_examples_are_right() -> None:
    tried = 0
    for name in ["losskit", *MODULES]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the frameworks' own imports
                module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if str(error.name).startswith("losskit"):
                raise
            continue
        result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
        assert result.failed == 0, f"{name}: {result.failed} examples are wrong"
        tried += result.attempted
    assert tried >= 20


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readmes_python_runs(name: str, tmp_path, monkeypatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocks
    namespace: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, name, "exec"), namespace)


def test_both_readmes_say_the_same() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")]
    blocks = [re.findall(r"```(?:python|bash|text)\n(.*?)```", text, flags=re.DOTALL) for text in texts]
    assert blocks[0] == blocks[1]
    tables = [re.findall(r"^\|", text, flags=re.MULTILINE) for text in texts]
    assert len(tables[0]) == len(tables[1])


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_run(path: Path, tmp_path) -> None:
    if path.stem in NEEDS_DOWNLOAD:
        pytest.skip("needs full MNIST, which is a download")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, env=environment, cwd=tmp_path)
    if done.returncode and "ModuleNotFoundError" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def generate():
    """docs/generate.py as a module."""
    specification = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_a_page_is_generated_for_each_loss_and_rule(generate, tmp_path, monkeypatch) -> None:
    """Of one loss per family here; the gate generates all."""
    monkeypatch.setattr(generate, "HERE", tmp_path)
    catalogue = {family_of(cls): cls for cls in losskit.catalogue.values()} | {"": losskit.Huber}
    few = {cls.__name__: cls for cls in catalogue.values()}
    generate.main(few)
    assert {page.stem for page in (tmp_path / "losses").glob("*.md")} == {*few, "index"}
    assert {page.stem for page in (tmp_path / "rules").glob("*.md")} == {*rules(), "index"}
    assert "polyline" in (tmp_path / "losses" / "Huber.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted({cls.kind for cls in losskit.catalogue.values()}))
def test_the_code_on_a_losss_page_runs_in_four_frameworks(generate, kind: str) -> None:
    for name in ("torch", "jax", "keras"):
        pytest.importorskip(name)
    loss = default(losskit.find(kind=kind)[0])
    lines = [
        f"found.append({line.partition('#')[0]})" if line.startswith("loss(") else line
        for line in generate.code(loss).split("\n")
    ]
    namespace: dict = {"found": []}
    exec("\n".join(lines), namespace)
    assert len(namespace["found"]) == 3
    for other in namespace["found"]:
        assert float(other) == pytest.approx(float(namespace["value"]), rel=1e-5)
