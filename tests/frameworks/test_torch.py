"""losskit in PyTorch: modules with PyTorch's conventions, native kernels that agree, and the fused pass."""

from __future__ import annotations

import copy
import pickle
import time

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, ShapeError

torch = pytest.importorskip("torch")
F = torch.nn.functional

RNG = np.random.default_rng(0)
REAL = torch.tensor(RNG.normal(scale=3, size=(7, 5)), requires_grad=True), torch.tensor(RNG.normal(size=(7, 5)))
UNIT = REAL[0], torch.tensor(RNG.integers(0, 2, (7, 5)).astype(float))
LABELS = REAL[0], torch.tensor(RNG.integers(0, 5, 7))

NATIVE_ROWS = [
    (losskit.SquaredError(), REAL),
    (losskit.AbsoluteError(), REAL),
    (losskit.Huber(delta=0.7), REAL),
    (losskit.SmoothL1(beta=0.7), REAL),
    (losskit.BinaryCrossEntropy(), UNIT),
    (losskit.CrossEntropy(), LABELS),
    (losskit.CrossEntropy(label_smoothing=0.2), LABELS),
]


@pytest.mark.parametrize(("loss", "data"), NATIVE_ROWS, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_each_native_kernel_equals_the_formula(loss, data, reduction) -> None:
    kernel = losskit.torch.native(loss)
    assert kernel is not None
    ours, theirs = loss(*data, reduction=reduction), kernel(*data, reduction)
    torch.testing.assert_close(theirs, ours, rtol=1e-13, atol=1e-15)
    gradients = [torch.autograd.grad(value.sum(), data[0])[0] for value in (ours, theirs)]
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-12, atol=1e-15)


def test_every_row_of_the_table_is_tested() -> None:
    assert {type(loss) for loss, _ in NATIVE_ROWS} == set(losskit.torch.NATIVE)


@pytest.mark.parametrize(
    "loss",
    [
        losskit.CrossEntropy(class_weight=(1.0,) * 5),
        losskit.CrossEntropy(input="probabilities"),
        losskit.BinaryCrossEntropy(class_weight=(1.0, 2.0)),
        losskit.KLDivergence(),
        losskit.SoftMargin(),
    ],
    ids=str,
)
def test_no_native_kernel_where_torch_computes_something_else(loss) -> None:
    assert losskit.torch.native(loss) is None


def test_module_follows_torchs_conventions() -> None:
    criterion = losskit.torch.module(losskit.CrossEntropy())
    scores, labels = torch.randn(2, 5, 4, 3, dtype=torch.float64), torch.randint(0, 5, (2, 4, 3))
    torch.testing.assert_close(criterion(scores, labels), F.cross_entropy(scores, labels))
    weighted = losskit.torch.module(losskit.CrossEntropy(class_weight=(1.0, 2.0, 3.0, 1.0, 0.5)))
    class_weight = torch.tensor([1.0, 2.0, 3.0, 1.0, 0.5], dtype=torch.float64)
    torch.testing.assert_close(weighted(scores, labels), F.cross_entropy(scores, labels, weight=class_weight))
    probabilities = torch.softmax(torch.randn(2, 5, 4, 3, dtype=torch.float64), dim=1)
    torch.testing.assert_close(criterion(scores, probabilities), F.cross_entropy(scores, probabilities))
    last = losskit.torch.module(losskit.CrossEntropy(), axis=-1)
    torch.testing.assert_close(last(scores.movedim(1, -1), labels), criterion(scores, labels))


def test_module_checks_what_torch_lets_pass() -> None:
    with pytest.raises(ShapeError, match=r"fix: prediction = prediction\[\.\.\., 0\]"):
        losskit.torch.module(losskit.MSE())(torch.zeros(4, 1), torch.zeros(4))
    with pytest.raises(DomainError, match=r"target\[1\]"):
        losskit.torch.module(losskit.BCE())(torch.zeros(2), torch.tensor([0.0, 2.0]))
    with pytest.raises(DomainError, match="got 7"):
        losskit.torch.module(losskit.CE())(torch.zeros(1, 3), torch.tensor([7]))


def test_module_weights_masks_and_half_precision() -> None:
    criterion = losskit.torch.module(losskit.MSE())
    prediction, target = torch.tensor([1.0, torch.nan, 3.0]), torch.zeros(3)
    keep, weight = torch.tensor([True, False, True]), torch.tensor([3.0, 1.0, 1.0])
    assert criterion(prediction, target, mask=keep, weight=weight).item() == pytest.approx((3 * 1 + 9) / 4)
    big = torch.full((100_000,), 300.0, dtype=torch.float16)
    assert criterion(big, torch.zeros_like(big)).item() == pytest.approx(90_000.0, rel=1e-6)
    empty = criterion(prediction, target, mask=torch.zeros(3, dtype=torch.bool))
    assert empty.item() == 0.0


def test_module_of_an_objective() -> None:
    model = torch.nn.Linear(5, 5).double()
    objective = losskit.CrossEntropy() + 0.1 * losskit.CrammerSinger() + 1e-3 * losskit.L2()
    criterion = losskit.torch.module(objective)
    scores = model(REAL[0])
    expected = objective(scores, LABELS[1], parameters=model.parameters())
    torch.testing.assert_close(criterion(scores, LABELS[1], parameters=model.parameters()), expected)
    with pytest.raises(TypeError, match="parameters"):
        criterion(scores, LABELS[1])


def test_module_pickles_copies_and_names_itself() -> None:
    criterion = losskit.torch.module(losskit.Huber(delta=2.0), reduction="sum")
    for twin in (pickle.loads(pickle.dumps(criterion)), copy.deepcopy(criterion)):
        torch.testing.assert_close(twin(*REAL), criterion(*REAL))
    assert "Huber(delta=2.0)" in repr(criterion)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "data"),
    [(losskit.Huber(), REAL), (losskit.BinaryFocal(gamma=0.5), UNIT), (losskit.CrossEntropy(), LABELS)],
    ids=lambda value: str(value)[:30],
)
def test_fused_pass_equals_the_formula(loss, data) -> None:
    fused = losskit.torch.fuse(loss)
    value, gradient = fused.value_and_gradient(*data)
    expected, slope = loss.value_and_gradient(data[0].detach(), data[1])
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(gradient, slope)
    leaf = data[0].detach().clone().requires_grad_()
    (3 * fused(leaf, data[1])).backward()
    torch.testing.assert_close(leaf.grad, 3 * slope)
    weight = torch.rand(len(data[0]), dtype=torch.float64)
    value, _ = fused.value_and_gradient(*data, weight=weight)
    torch.testing.assert_close(value, loss(data[0].detach(), data[1], weight=weight))


@pytest.mark.slow
def test_fused_pass_keeps_double_backward() -> None:
    fused = losskit.torch.fuse(losskit.SoftMargin())
    sign = 2 * UNIT[1] - 1
    assert torch.autograd.gradgradcheck(lambda z: fused(z, sign) ** 2, (REAL[0].detach().clone().requires_grad_(),))


@pytest.mark.slow
def test_a_loss_of_several_inputs_is_fused_with_a_gradient_for_each() -> None:
    loss = losskit.GaussianNegativeLogLikelihood()
    mean, variance = (array.detach().requires_grad_() for array in (REAL[0], UNIT[0].sigmoid()))
    fused = losskit.torch.fuse(loss)
    value, gradients = fused.value_and_gradient(mean, REAL[1], variance)
    torch.testing.assert_close((value, gradients), loss.value_and_gradient(mean.detach(), REAL[1], variance.detach()))
    found = torch.autograd.grad(fused(mean, REAL[1], variance), (mean, variance), create_graph=True)
    torch.testing.assert_close(found, gradients)
    expected = torch.autograd.grad(loss(mean, REAL[1], variance), (mean, variance), create_graph=True)
    second = [torch.autograd.grad(sum(g.sin().sum() for g in each), (mean, variance)) for each in (found, expected)]
    torch.testing.assert_close(*second)


def test_an_input_that_may_be_missing_is_differentiated_where_it_is_there() -> None:
    loss = losskit.NegativeBinomialNegativeLogLikelihood()
    fused = losskit.torch.fuse(loss)
    fused._compiled = fused._by_formula
    log_mean, count = REAL[0].detach(), UNIT[1].round()
    for inputs in ((log_mean, count), (log_mean, count, torch.zeros_like(log_mean))):
        torch.testing.assert_close(fused.value_and_gradient(*inputs), loss.value_and_gradient(*inputs))
        leaves = [inputs[0].clone().requires_grad_(), *inputs[1:]]
        (gradient,) = torch.autograd.grad(fused(*leaves), leaves[0])
        torch.testing.assert_close(gradient, loss.value_and_gradient(*inputs)[1][0])


def test_transforms_of_a_fused_loss_go_through_the_formula() -> None:
    loss, (prediction, target) = losskit.Huber(), (array.detach() for array in REAL)
    fused = losskit.torch.fuse(loss)
    for transformed in (
        lambda f: torch.func.grad(f)(prediction, target),
        lambda f: torch.func.jvp(lambda p: f(p, target), (prediction,), (torch.ones_like(prediction),)),
        lambda f: torch.func.hessian(f)(prediction, target),
        lambda f: torch.vmap(torch.func.grad(f))(prediction[:, None], target[:, None]),
        lambda f: torch.compile(f, backend="aot_eager", fullgraph=True)(prediction.requires_grad_(), target),
    ):
        torch.testing.assert_close(transformed(fused), transformed(loss))


def test_fuse_says_what_takes_long(caplog) -> None:
    from losskit.frameworks.torch.fuse import _said_if_slow

    with _said_if_slow(losskit.Huber()):
        time.sleep(1.2)
    with _said_if_slow(losskit.Huber()):
        pass
    assert [record.getMessage().split(",")[0] for record in caplog.records] == ["fuse: compiling Huber()"]


def test_fuse_refuses_what_it_cannot_fuse() -> None:
    with pytest.raises(ValueError, match="mean"):
        losskit.torch.fuse(losskit.MSE(), reduction="none")


def test_without_a_compiler_the_formula_runs(monkeypatch) -> None:
    fused = losskit.torch.fuse(losskit.Huber())

    def no_compiler(*_: object, **__: object) -> None:
        raise torch._dynamo.exc.BackendCompilerFailed(lambda: None, RuntimeError("no C++ compiler"), None)

    monkeypatch.setattr(fused, "_compiled", no_compiler)
    value, gradient = fused.value_and_gradient(*REAL)
    expected, slope = losskit.Huber().value_and_gradient(REAL[0].detach(), REAL[1])
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(gradient, slope)


def test_each_fused_loss_has_code_of_its_own() -> None:
    """The compiler keeps eight versions of one code object: a ninth loss must not share it."""
    from losskit.frameworks.torch.fuse import _own_code

    first, second = (_own_code(lambda x: 2 * x) for _ in range(2))
    assert first(3) == second(3) == 6
    assert first.__code__ is not second.__code__
