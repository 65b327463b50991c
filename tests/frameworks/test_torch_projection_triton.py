"""Cross-entropy's Triton kernel: its numbers, that GPUs' compilers take it, and what happens where there is none."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import losskit

torch = pytest.importorskip("torch")
from losskit.frameworks.torch import projection  # noqa: E402
from losskit.frameworks.torch.projection import rows  # noqa: E402

HERE = Path(__file__).parent
MODULE = "losskit.frameworks.torch.projection.triton_rows"
# A folder of its own: importing Triton after TensorFlow ends a process, and PyTorch's compiler imports what it finds.
TRITON = os.environ.get("LOSSKIT_TEST_TRITON")
needs_triton = pytest.mark.skipif(
    not TRITON, reason="LOSSKIT_TEST_TRITON names no folder with Triton (pip install --no-deps --target FOLDER triton)"
)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    path = os.pathsep.join(filter(None, (str(HERE.parents[1]), os.path.abspath(TRITON or ""), kept.get("PYTHONPATH"))))
    return kept | {"PYTHONPATH": path} | more


def checked(**more: str) -> None:
    """The checks of the kernel, in a process of their own: what Triton does is settled when it is imported."""
    command = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", HERE / "check_triton_rows.py"]
    done = subprocess.run(command, env=environment(**more), cwd=HERE.parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]


@needs_triton
@pytest.mark.slow
def test_its_numbers_in_the_interpreter() -> None:
    checked(TRITON_INTERPRET="1")


@needs_triton
@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_its_numbers_on_a_gpu() -> None:
    checked()


COMPILED = """
import itertools
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from losskit.frameworks.torch.projection.triton_rows import _row

POINTERS = {"logits": "*fp32", "class_weight": "*fp32", "scale": "*fp32", "values": "*fp32"}
NUMBERS = {"stride": "i32", "place_stride": "i32", "classes": "i32"}
KINDS = (("*i64", "*fp32", False), ("*i64", "*bf16", True), ("*fp32", "*fp16", True))
for architecture, (target, place, everything) in itertools.product((80, 90), KINDS):
    soft = target == "*fp32"
    constants = {"soft": soft, "spread": everything, "squared": everything, "capped": everything, "block": 4096}
    if not everything:
        constants |= {"class_weight": None, "scale": None}
    known = POINTERS | NUMBERS | {"target": target, "place": place} | dict.fromkeys(constants, "constexpr")
    types = {name: known.get(name, "fp32") for name in _row.arg_names}
    kernel = triton.compile(
        ASTSource(_row, types, {(_row.arg_names.index(name),): value for name, value in constants.items()}),
        target=GPUTarget("cuda", architecture, 32),
    )
    assert kernel.asm["cubin"]
"""


@needs_triton
def test_the_compiler_for_a_gpu_takes_it(tmp_path: Path) -> None:
    """Which is stricter than the interpreter: a variable keeps its type and shape throughout a loop."""
    surroundings = environment(TRITON_CACHE_DIR=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", COMPILED], env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_gpu_has_the_kernel_and_a_cpu_has_not() -> None:
    loss = losskit.CrossEntropy()
    assert rows.rows_of(loss, torch.device("cuda", 0)).func is rows.one_kernel
    assert rows.rows_of(loss, torch.device("cpu")).func is rows.one_loop
    assert rows.rows_of(losskit.Focal(), torch.device("cuda")).func is rows._formula


def test_triton_is_not_imported_on_a_cpu() -> None:
    code = (
        "import sys, torch, losskit\n"
        "hidden, weight = torch.randn(3, 4, requires_grad=True), torch.randn(5, 4)\n"
        "losskit.torch.linear_cross_entropy(hidden, weight, torch.tensor([0, 1, 2])).backward()\n"
        f"print('triton' in sys.modules, {MODULE!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def _raise(error: Exception) -> Any:
    raise error


@pytest.mark.parametrize("how", ["absent", "failing"])
def test_without_triton_the_numbers_are_the_same_and_it_is_said_once(how: str, monkeypatch: Any, caplog: Any) -> None:
    broken = SimpleNamespace(
        fits=lambda *_: True, cross_entropy=lambda *_: _raise(RuntimeError("no compiler\nin sight"))
    )
    if how == "absent":
        monkeypatch.setitem(sys.modules, MODULE, None)
        monkeypatch.delattr(projection, "triton_rows", raising=False)
    else:
        monkeypatch.setattr(projection, "triton_rows", broken, raising=False)
    kernel = rows.OneKernel()
    loss, logits, target = losskit.CrossEntropy(), torch.randn(3, 5), torch.tensor([0, 1, 2])
    expected = logits.clone()
    values = rows.cross_entropy(loss, expected, target, torch.ones(3), expected)
    with caplog.at_level(logging.INFO, logger="losskit"):
        for _ in range(2):
            found = logits.clone()
            given = kernel(loss, found, target, torch.ones(3), found)
            torch.testing.assert_close(given, values, rtol=0, atol=0)
            torch.testing.assert_close(found, expected, rtol=0, atol=0)
    assert not kernel.works
    assert len(caplog.messages) == 1
    assert "without its Triton kernel" in caplog.text
    assert how == "absent" or caplog.messages[0].endswith("(no compiler)")


def test_memory_that_ran_out_is_no_failure_of_triton(monkeypatch: Any) -> None:
    full = SimpleNamespace(fits=lambda *_: True, cross_entropy=lambda *_: _raise(torch.OutOfMemoryError("full")))
    monkeypatch.setattr(projection, "triton_rows", full, raising=False)
    kernel = rows.OneKernel()
    logits = torch.randn(1, 2)
    with pytest.raises(torch.OutOfMemoryError):
        kernel(losskit.CrossEntropy(), logits, torch.tensor([0]), None, logits)
    assert kernel.works


@pytest.mark.parametrize("loss", [losskit.CrossEntropy(softcap=3.0), losskit.Focal()], ids=str)
def test_without_the_kernel_too_the_gradient_goes_where_it_is_wanted(loss: Any) -> None:
    logits, target, scale = torch.randn(3, 5), torch.tensor([0, 1, 2]), torch.rand(3)
    run, same = rows.rows_of(loss, logits.device), logits.clone()
    place = torch.empty(3, 5, dtype=torch.bfloat16)
    values = run(same, target, scale, same)
    torch.testing.assert_close(run(logits, target, scale, place), values, rtol=0, atol=0)
    torch.testing.assert_close(place, same.bfloat16(), rtol=0, atol=0)
