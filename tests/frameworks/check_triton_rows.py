"""The Triton kernel of cross-entropy against the formula in 64 bits; `test_torch_projection_triton.py` runs these.

On a GPU, or with TRITON_INTERPRET=1 in the environment on a CPU, where Triton's interpreter takes each instruction.
"""

from __future__ import annotations

import os
from typing import Any

import numpy
import pytest
import torch

import losskit
from losskit.frameworks.torch.projection import sweep, triton_rows
from losskit.frameworks.torch.projection.rows import one_kernel

DEVICE = "cpu" if os.environ.get("TRITON_INTERPRET") == "1" else "cuda"
CLASSES = [1, 2, 31, 128, 1000, 5003]
SETTINGS: list[dict[str, Any]] = [
    {},
    {"label_smoothing": 0.1},
    {"z_loss": 0.01},
    {"softcap": 3.0},
    {"class_weight": True},
    {"class_weight": True, "label_smoothing": 0.2, "z_loss": 0.1, "softcap": 5.0},
]
each_setting = pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: "+".join(settings) or "plain")
each_kind = pytest.mark.parametrize("kind", ["labels", "probabilities"])


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    with numpy.errstate(all="ignore"):  # what the interpreter says of ∞ − ∞
        yield


def cross_entropy(settings: dict[str, Any], classes: int) -> losskit.CrossEntropy:
    weighted = {"class_weight": tuple(torch.rand(classes).add(0.1).tolist())} if "class_weight" in settings else {}
    return losskit.CrossEntropy(**{**settings, **weighted})


def arrays(rows: int, classes: int, kind: str = "labels", spread: float = 4.0) -> tuple[Any, Any, Any]:
    logits = torch.randn(rows, classes) * spread
    if kind == "labels":
        return logits, torch.randint(0, classes, (rows,)), torch.rand(rows) + 0.1
    return logits, torch.softmax(torch.randn(rows, classes), -1), torch.rand(rows) + 0.1


def by_kernel(loss: Any, logits: Any, target: Any, scale: Any) -> tuple[Any, Any]:
    """The values, and what then is in the logits' place."""
    logits, target = logits.clone().to(DEVICE), target.to(DEVICE)
    scale = None if scale is None else scale.to(DEVICE)
    assert triton_rows.fits(loss, logits, target, scale, logits)
    values = triton_rows.cross_entropy(loss, logits, target, scale, logits)
    return values.cpu(), logits.cpu()


def by_formula(loss: Any, logits: Any, target: Any, scale: Any) -> tuple[Any, Any]:
    wide = logits.double().requires_grad_()
    values = loss(wide, target.double() if target.is_floating_point() else target, reduction="none")
    return values.detach(), torch.autograd.grad((scale.double() * values).sum(), wide)[0]


def assert_near(found: tuple[Any, Any], expected: tuple[Any, Any], **tolerance: float) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == torch.float32
        torch.testing.assert_close(ours.double(), theirs, **{"rtol": 3e-6, "atol": 3e-6, **tolerance})


@each_kind
@each_setting
@pytest.mark.parametrize("classes", CLASSES)
def test_values_and_gradients(settings: Any, classes: int, kind: str, monkeypatch: Any) -> None:
    torch.manual_seed(classes)
    if classes == 1000:
        monkeypatch.setattr(triton_rows, "BLOCK", 128)  # eight blocks, the last not full
    loss, inputs = cross_entropy(settings, classes), arrays(3, classes, kind)
    found = by_kernel(loss, *inputs)
    assert_near(found, by_formula(loss, *inputs))
    logits, target, _ = inputs
    values, untouched = by_kernel(loss, logits, target, None)
    torch.testing.assert_close(values, found[0], rtol=0, atol=0)
    torch.testing.assert_close(untouched, logits, rtol=0, atol=0)


@pytest.mark.parametrize("rows", [1, 17])
def test_any_number_of_rows(rows: int) -> None:
    loss, inputs = cross_entropy(SETTINGS[-1], 31), arrays(rows, 31)
    assert_near(by_kernel(loss, *inputs), by_formula(loss, *inputs))


def test_rows_with_gaps_between_them_and_one_scale_for_all() -> None:
    loss, (logits, target, _) = losskit.CrossEntropy(label_smoothing=0.1), arrays(3, 31)
    wide = torch.full((3, 40), 7.0, device=DEVICE)
    wide[:, :31] = logits.to(DEVICE)
    labels = target.to(DEVICE).repeat_interleave(2)[::2]
    scale = torch.full((), 0.3, device=DEVICE).expand(3)
    values = triton_rows.cross_entropy(loss, wide[:, :31], labels, scale, wide[:, :31]).cpu()
    assert_near((values, wide[:, :31].cpu()), by_formula(loss, logits, target, scale.cpu()))
    assert (wide[:, 31:] == 7).all()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("settings", [SETTINGS[0], SETTINGS[-1]])
def test_the_gradient_goes_where_it_is_wanted(settings: Any, dtype: Any) -> None:
    loss, (logits, target, scale) = cross_entropy(settings, 31), arrays(3, 31)
    values, gradient = by_kernel(loss, logits, target, scale)
    given, place = logits.to(DEVICE), torch.empty(3, 31, dtype=dtype, device=DEVICE)
    found = triton_rows.cross_entropy(loss, given, target.to(DEVICE), scale.to(DEVICE), place)
    torch.testing.assert_close(found.cpu(), values, rtol=0, atol=0)
    # The interpreter cuts digits off where a GPU rounds.
    tiny = torch.finfo(dtype)
    torch.testing.assert_close(place.cpu().float(), gradient, rtol=tiny.eps, atol=tiny.smallest_normal * tiny.eps)
    torch.testing.assert_close(given.cpu(), logits, rtol=0, atol=0)


@each_kind
@pytest.mark.parametrize("offset", [1e4, -1e4])
@pytest.mark.parametrize("settings", [{}, {"label_smoothing": 0.1}, {"class_weight": True, "label_smoothing": 0.1}])
def test_a_constant_added_costs_no_digit(settings: Any, offset: float, kind: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(triton_rows, "BLOCK", 128)
    loss, (logits, target, scale) = cross_entropy(settings, 300), arrays(3, 300, kind)
    logits = logits.mul(16).round().div(16)  # so that adding the constant rounds nothing
    found = [by_kernel(loss, logits + c, target, scale) for c in (0.0, offset)]
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=0)


def test_the_level_counts_where_it_should() -> None:
    loss, (logits, target, scale) = losskit.CrossEntropy(z_loss=1e-4), arrays(3, 31)
    found, expected = (by(loss, logits - 1e4, target, scale) for by in (by_kernel, by_formula))
    assert_near(found, expected)


@each_kind
@pytest.mark.parametrize("settings", [{}, {"z_loss": 0.01}, {"softcap": 3.0}, {"class_weight": True}])
def test_a_class_that_cannot_be(settings: Any, kind: str, monkeypatch: Any) -> None:
    """It has a logit of −∞, and no share in the target; so has the whole first block."""
    monkeypatch.setattr(triton_rows, "BLOCK", 128)
    loss, (logits, target, scale) = cross_entropy(settings, 300), arrays(3, 300, kind)
    logits[:, :130] = logits[1, 140:150] = float("-inf")
    if kind == "labels":
        target = target % 100 + 200
    else:
        target = torch.where(logits == float("-inf"), 0.0, target)
        target = target / target.sum(-1, keepdim=True)
    assert_near(by_kernel(loss, logits, target, scale), by_formula(loss, logits, target, scale))


def test_what_cannot_be_but_should_costs_infinitely_much() -> None:
    logits, target, _ = arrays(3, 31)
    logits[1, int(target[1])] = float("-inf")
    assert by_kernel(losskit.CrossEntropy(), logits, target, None)[0].isinf().tolist() == [False, True, False]
    logits, target, _ = arrays(3, 31)
    logits[1, int(target[1]) - 1] = float("-inf")
    smoothed = losskit.CrossEntropy(label_smoothing=0.1)
    assert by_kernel(smoothed, logits, target, None)[0].isinf().tolist() == [False, True, False]


def test_near_the_cap_the_gradient_keeps_its_digits() -> None:
    loss, (logits, target, scale) = losskit.CrossEntropy(softcap=2.0), arrays(3, 200, spread=8.0)
    found, expected = by_kernel(loss, logits, target, scale), by_formula(loss, logits, target, scale)
    assert float(expected[1].abs().min()) < 1e-9
    assert_near(found, expected, rtol=1e-5, atol=1e-30)


def test_far_from_the_cap_the_logits_keep_theirs() -> None:
    loss, inputs = losskit.CrossEntropy(softcap=10**5), arrays(3, 200)
    assert_near(by_kernel(loss, *inputs), by_formula(loss, *inputs))


@pytest.mark.filterwarnings("ignore:All-NaN:RuntimeWarning")  # numpy's, in the interpreter
@each_kind
@each_setting
def test_what_is_not_a_number_is_not_made_one(settings: Any, kind: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(triton_rows, "BLOCK", 128)
    loss, (logits, target, scale) = cross_entropy(settings, 150), arrays(5, 150, kind)
    logits[0, 140], logits[2], logits[4, 140] = float("nan"), float("nan"), float("inf")
    spoilt = [True, False, True, False, "softcap" not in settings]  # the cap of ∞ is a number
    values, gradient = by_kernel(loss, logits, target, scale)
    assert values.isnan().tolist() == spoilt
    assert gradient.isnan().all(-1).tolist() == gradient.isnan().any(-1).tolist() == spoilt


def test_no_class_is_possible_in_a_row() -> None:
    logits, target, scale = arrays(3, 31)
    logits[1] = float("-inf")
    values, gradient = by_kernel(losskit.CrossEntropy(), logits, target, scale)
    assert values.isnan().tolist() == gradient.isnan().any(-1).tolist() == [False, True, False]


@each_setting
def test_an_index_that_is_no_class_is_no_number(settings: Any) -> None:
    loss, (logits, target, scale) = cross_entropy(settings, 31), arrays(6, 31)
    target[1:5] = torch.tensor([-1, -100, 31, 2**40])
    values, gradient = by_kernel(loss, logits, target, scale)
    unknown = [False, True, True, True, True, False]
    assert values.isnan().tolist() == unknown
    assert gradient.isnan().all(-1).tolist() == gradient.isnan().any(-1).tolist() == unknown


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_probabilities_of_few_digits(dtype: Any) -> None:
    loss, (logits, target, scale) = cross_entropy(SETTINGS[-1], 31), arrays(3, 31, "probabilities")
    target = target.to(dtype)
    assert_near(by_kernel(loss, logits, target, scale), by_formula(loss, logits, target, scale))


@each_kind
@each_setting
def test_the_whole_loss(settings: Any, kind: str, monkeypatch: Any) -> None:
    """A projection and its loss through the kernel: value, gradients, and one value for each row."""
    if DEVICE == "cpu":
        monkeypatch.setattr(sweep, "rows_of", lambda loss, *_: lambda *block: one_kernel(loss, *block))
    loss = cross_entropy(settings, 11)
    hidden, weight, bias = (torch.randn(s, device=DEVICE, requires_grad=True) for s in ((9, 5), (11, 5), (11,)))
    target = arrays(9, 11, kind)[1].to(DEVICE)
    for reduction in ("mean", "none"):
        found = losskit.torch.linear(loss, rows=4, reduction=reduction)(hidden, weight, target, bias=bias)
        wide = [each.detach().double().requires_grad_() for each in (hidden, weight, bias)]
        expected = loss(wide[0] @ wide[1].T + wide[2], target, reduction=reduction)
        gradients = torch.autograd.grad(found.sum(), (hidden, weight, bias))
        for ours, theirs in zip(gradients, torch.autograd.grad(expected.sum(), wide), strict=True):
            torch.testing.assert_close(ours.double(), theirs, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)
    assert one_kernel.works


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("biased", [True, False])
def test_halves(dtype: Any, biased: bool, monkeypatch: Any) -> None:
    """As on a GPU, where their products are summed in 32 bits."""
    if DEVICE == "cpu":
        monkeypatch.setattr(sweep, "rows_of", lambda loss, *_: lambda *block: one_kernel(loss, *block))
        monkeypatch.setattr(sweep, "product", lambda left, right: left.float() @ right.float())
        monkeypatch.setattr(sweep, "HALF", ())
    loss = cross_entropy(SETTINGS[-1], 11)
    shapes = ((9, 5), (11, 5), (11,))[: 3 if biased else 2]
    narrow = [torch.randn(shape, dtype=dtype, device=DEVICE, requires_grad=True) for shape in shapes]
    wide = [each.detach().double().requires_grad_() for each in narrow]
    target = arrays(9, 11)[1].to(DEVICE)
    hidden, weight, *bias = narrow
    found = losskit.torch.linear(loss, rows=4)(hidden, weight, target, bias=bias[0] if bias else None)
    expected = loss(wide[0] @ wide[1].T + (wide[2] if biased else 0), target)
    torch.testing.assert_close(found.double(), expected, rtol=3e-6, atol=3e-6)
    precision = torch.finfo(dtype).eps
    for ours, theirs in zip(torch.autograd.grad(found, narrow), torch.autograd.grad(expected, wide), strict=True):
        assert ours.dtype == dtype
        atol = 2 * precision * float(theirs.abs().max())
        torch.testing.assert_close(ours.double(), theirs, rtol=2 * precision, atol=atol)
    assert one_kernel.works
