"""A loss of logits that are made block by block: the numbers of the loss on all logits at once."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import losskit

torch = pytest.importorskip("torch")
from losskit.frameworks.torch.fuse import _own_code  # noqa: E402
from tests.losses.largest import Largest  # noqa: E402

N, D, V, ROWS = 23, 5, 11, 7  # the last block is smaller
torch.manual_seed(0)
CLASS_WEIGHT = tuple(torch.rand(V).tolist())
SETTINGS: list[dict[str, Any]] = [
    {},
    {"label_smoothing": 0.1},
    {"z_loss": 0.01},
    {"softcap": 2.0},
    {"class_weight": CLASS_WEIGHT},
    {"class_weight": CLASS_WEIGHT, "label_smoothing": 0.2, "z_loss": 0.1, "softcap": 3.0, "ignore_index": 3},
]
FORMULAS = [losskit.Focal(), losskit.GeneralizedCrossEntropy(), losskit.Poly1CrossEntropy()]
each_cross_entropy = pytest.mark.parametrize(
    "loss", [losskit.CrossEntropy(**s) for s in SETTINGS], ids=lambda loss: str(loss)[:40]
)
each_loss = pytest.mark.parametrize(
    "loss", [*(losskit.CrossEntropy(**s) for s in SETTINGS), *FORMULAS], ids=lambda loss: str(loss)[:40]
)


def arrays(dtype: Any = torch.float64) -> tuple[Any, Any, Any]:
    torch.manual_seed(0)
    shapes = ((N, D), (V, D), (V,))
    hidden, weight, bias = (torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes)
    return hidden, weight, bias


def targets(kind: str) -> Any:
    torch.manual_seed(1)
    if kind == "labels":
        return torch.randint(0, V, (N,))
    return torch.softmax(torch.randn(N, V, dtype=torch.float64), -1)


def derivatives(value: Any, moving: list[Any]) -> list[Any]:
    """The value, its gradients kept and made anew, the gradients of a function of them, and of a function of those."""
    if value.ndim:
        value = (value * torch.linspace(1, 2, value.numel(), dtype=value.dtype).reshape(value.shape)).sum()
    plain = torch.autograd.grad(value, moving, retain_graph=True)
    first = torch.autograd.grad(value, moving, create_graph=True)
    second = torch.autograd.grad(sum((g.sin() * g).sum() for g in first), moving, create_graph=True)
    third = torch.autograd.grad(sum((g.cos() * g).sum() for g in second), moving)
    return [value, *plain, *first, *second, *third]


@each_loss
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("kind", ["labels", "probabilities"])
def test_values_and_three_derivatives_are_those_of_all_logits(loss: Any, reduction: Any, kind: str) -> None:
    hidden, weight, bias = arrays()
    target = targets(kind)
    counted = torch.rand(N, dtype=torch.float64, requires_grad=True)
    for sample_weight, mask in itertools.product((None, counted), (None, torch.rand(N) > 0.3)):
        found = losskit.torch.linear(loss, reduction=reduction, rows=ROWS)(
            hidden, weight, target, bias=bias, sample_weight=sample_weight, mask=mask
        )
        expected = loss(hidden @ weight.T + bias, target, weight=sample_weight, mask=mask, reduction=reduction)
        moving = [hidden, weight, bias, *([] if sample_weight is None else [sample_weight])]
        torch.testing.assert_close(derivatives(found, moving), derivatives(expected, moving), rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_every_transform_gives_what_it_gives_for_all_logits(reduction: Any) -> None:
    loss, target = losskit.CrossEntropy(label_smoothing=0.1, z_loss=0.01), targets("labels")
    lean = losskit.torch.linear(loss, rows=ROWS, reduction=reduction)

    def found(hidden: Any, weight: Any, bias: Any) -> Any:
        return lean(hidden, weight, target, bias=bias).sin().sum()

    def expected(hidden: Any, weight: Any, bias: Any) -> Any:
        return loss(hidden @ weight.T + bias, target, reduction=reduction).sin().sum()

    point = tuple(array.detach() for array in arrays())
    batch = (torch.randn(3, N, D, dtype=torch.float64), *point[1:])
    f = torch.func
    several = (0, None, None)
    for transformed in (
        lambda g: f.grad(g, argnums=(0, 1, 2))(*point),
        lambda g: f.hessian(g, argnums=(0, 1))(*point),
        lambda g: f.jacrev(f.jacfwd(g, argnums=1))(*point),
        lambda g: f.jacrev(f.jacrev(g, argnums=2))(*point),
        # Where an operation has a forward rule of its own, PyTorch gives 0 for this one.
        lambda g: f.jacfwd(f.jacfwd(g))(*point),
        lambda g: f.jvp(g, point, tuple(torch.ones_like(each) for each in point)),
        lambda g: f.vmap(f.grad(g, argnums=1), several)(*batch),
        lambda g: f.grad(lambda h: f.vmap(g, several)(h, *point[1:]).cos().sum())(batch[0]),
    ):
        torch.testing.assert_close(transformed(found), transformed(expected), rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_the_compiler_takes_it_whole(reduction: Any) -> None:
    hidden, weight, bias = arrays()
    target = targets("labels")
    loss = losskit.CrossEntropy(z_loss=0.01, ignore_index=2)

    @torch.compile(fullgraph=True, backend="aot_eager")
    def compiled(hidden: Any, weight: Any, bias: Any) -> Any:
        return losskit.torch.linear(loss, rows=ROWS, reduction=reduction)(hidden, weight, target, bias=bias).sum()

    found, expected = compiled(hidden, weight, bias), loss(hidden @ weight.T + bias, target, reduction=reduction).sum()
    moving = (hidden, weight, bias)
    torch.testing.assert_close(
        [found, *torch.autograd.grad(found, moving)], [expected, *torch.autograd.grad(expected, moving)]
    )


def test_backward_twice_adds_the_same_gradient_twice() -> None:
    hidden, weight, _ = arrays()
    value = losskit.torch.linear_cross_entropy(hidden, weight, targets("labels"))
    value.backward(retain_graph=True)
    once = hidden.grad.clone(), weight.grad.clone()
    value.backward(retain_graph=True)
    value.backward()
    torch.testing.assert_close((hidden.grad, weight.grad), tuple(3 * each for each in once))


@each_cross_entropy
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_few_digits_cost_few_digits(loss: Any, dtype: Any) -> None:
    """Against all logits in 64 bits, from the same rounded inputs: halves are summed in float32."""
    narrow = arrays(dtype)
    wide = tuple(each.detach().double().requires_grad_() for each in narrow)
    target = targets("labels")
    found = losskit.torch.linear(loss, rows=ROWS)(narrow[0], narrow[1], target, bias=narrow[2])
    expected = loss(wide[0] @ wide[1].T + wide[2], target)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.double(), expected, rtol=2e-6, atol=2e-6)
    precision = torch.finfo(dtype).eps
    for ours, theirs in zip(torch.autograd.grad(found, narrow), torch.autograd.grad(expected, wide), strict=True):
        assert ours.dtype == dtype
        # A logit's gradient is rounded once for the products, and their sum once more.
        torch.testing.assert_close(
            ours.double(), theirs, rtol=2 * precision, atol=2 * precision * float(theirs.abs().max())
        )


@each_cross_entropy
def test_a_constant_added_to_the_logits_costs_no_digit(loss: Any) -> None:
    if loss.z_loss or loss.softcap:
        pytest.skip("z-loss and softcap depend on the logits' level")
    hidden, weight, _ = arrays(torch.float32)
    # Whole numbers below 2^24 are exact: adding the constant rounds nothing.
    hidden, weight = (each.detach().mul(4).round() for each in (hidden, weight))
    target, offset = targets("labels"), torch.full((V,), 2.0**20)
    lean = losskit.torch.linear(loss, rows=ROWS)
    values = [lean(hidden, weight, target, bias=b) for b in (None, offset)]
    torch.testing.assert_close(values[0], values[1], rtol=0, atol=0)


def test_rows_left_out_reach_nothing_whatever_they_hold() -> None:
    hidden, weight, bias = arrays()
    target = targets("labels")
    target[::3] = -100
    spoilt = hidden.detach().clone()
    spoilt[::3] = float("nan")
    spoilt.requires_grad_()
    results = []
    for rows in (hidden, spoilt):
        value = losskit.torch.linear_cross_entropy(rows, weight, target, bias=bias)
        results.append([value, *torch.autograd.grad(value, (rows, weight, bias))])
    torch.testing.assert_close(results[0], results[1])
    assert (results[1][1][::3] == 0).all()


@pytest.mark.parametrize(("empty", "value"), [("zero", 0.0), ("nan", float("nan"))])
def test_nothing_left_is_what_empty_says(empty: Any, value: float) -> None:
    hidden, weight, _ = arrays()
    found = losskit.torch.linear_cross_entropy(hidden, weight, torch.full((N,), -100), empty=empty)
    torch.testing.assert_close(float(found.detach()), value, equal_nan=True)
    for gradient in torch.autograd.grad(found, (hidden, weight)):
        assert (gradient == 0).all()
    with pytest.raises(losskit.EmptyReductionError):
        losskit.torch.linear_cross_entropy(hidden, weight, torch.full((N,), -100), empty="raise")


DISTILLATIONS = [losskit.KnowledgeDistillation(temperature=2.0), losskit.JensenShannonDistillation()]


@pytest.mark.parametrize("loss", DISTILLATIONS, ids=str)
def test_a_teacher_is_a_projection_too(loss: Any) -> None:
    hidden, weight, _ = arrays()
    teacher = losskit.torch.Projection(*(torch.randn(shape, dtype=torch.float64) for shape in ((N, 3), (V, 3), (V,))))
    found = losskit.torch.linear(loss, rows=ROWS)(hidden, weight, teacher)
    expected = loss(hidden @ weight.T, teacher.hidden @ teacher.weight.T + teacher.bias)
    torch.testing.assert_close(
        derivatives(found, [hidden, weight]), derivatives(expected, [hidden, weight]), rtol=1e-10, atol=1e-11
    )


@each_loss
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_all_logits_are_never_there(loss: Any, reduction: Any) -> None:
    hidden, weight, bias = arrays()
    with Largest() as largest:
        value = losskit.torch.linear(loss, rows=ROWS, reduction=reduction)(hidden, weight, targets("labels"), bias=bias)
        value.sum().backward(retain_graph=True)
        first = torch.autograd.grad(value.sum(), (hidden, weight), create_graph=True)
        torch.autograd.grad(sum((g * g).sum() for g in first), (hidden, weight))
    assert largest.entries <= max(ROWS * V, N * D, V * D)


def test_under_autocast_it_is_a_linear_layer() -> None:
    hidden, weight, bias = arrays(torch.float32)
    target = targets("labels")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = losskit.torch.linear_cross_entropy(hidden, weight, target, bias=bias)
    assert found.dtype == torch.float32
    rounded = [each.detach().bfloat16().float() for each in (hidden, weight, bias)]
    expected = losskit.CrossEntropy()(rounded[0] @ rounded[1].T + rounded[2], target)
    torch.testing.assert_close(found, expected)
    assert all(g.dtype == torch.float32 for g in torch.autograd.grad(found, (hidden, weight, bias)))


def test_wrong_input_is_told_from_right() -> None:
    hidden, weight, bias = arrays(torch.float32)
    target = targets("labels")
    call = losskit.torch.linear_cross_entropy
    with pytest.raises(losskit.ShapeError, match=r"weight: .*fix: weight\.T"):
        call(hidden, weight.T, target)
    with pytest.raises(losskit.ShapeError, match="bias: "):
        call(hidden, weight, target, bias=bias[:-1])
    with pytest.raises(losskit.ShapeError, match="target: "):
        call(hidden, weight, target[:-1])
    with pytest.raises(losskit.ShapeError, match="mask: "):
        call(hidden, weight, target, mask=torch.ones(N - 1, dtype=torch.bool))
    with pytest.raises(losskit.ShapeError, match="sample_weight: "):
        call(hidden, weight, target, sample_weight=torch.ones(N - 1))
    with pytest.raises(losskit.DomainError, match="expected a number >= 0"):
        call(hidden, weight, target, sample_weight=-torch.ones(N))
    with pytest.raises(losskit.DomainError, match=r"target\[0\]"):
        call(hidden, weight, target + V)
    with pytest.raises(TypeError, match="fix: cast"):
        call(hidden, weight.double(), target)
    with pytest.raises(TypeError, match="rows of logits"):
        losskit.torch.linear(losskit.Huber())
    with pytest.raises(TypeError, match="rows of logits"):
        losskit.torch.linear(losskit.CrossEntropy(input="probabilities"))
    with pytest.raises(ValueError, match="rows: "):
        losskit.torch.linear(losskit.CrossEntropy(), rows=0)


@each_cross_entropy
@pytest.mark.parametrize("kind", ["labels", "probabilities"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_cross_entropy_is_fused_by_the_same_rule(loss: Any, kind: str, reduction: Any) -> None:
    """On logits that are there: traced as the compiler does, whose rewriting has rows of its own for a target."""
    fused = losskit.torch.fuse(loss, reduction=reduction)
    logits, target = torch.randn(N, V, dtype=torch.float64, requires_grad=True), targets(kind)
    spoilt = logits.detach().clone()
    spoilt[::4] = float("nan")
    some = torch.arange(N) % 4 != 0
    traced = torch.compile(_own_code(fused._softmax), backend="aot_eager", dynamic=True)
    for point, options in (
        (logits, {}),
        (logits, {"weight": torch.rand(N, dtype=torch.float64)}),
        (spoilt.requires_grad_(), {"mask": some}),
        (spoilt, {"mask": some, "weight": torch.rand(N, dtype=torch.float64)}),
    ):
        expected = loss(point, target, reduction=reduction, **options)
        exact = expected, torch.autograd.grad(expected, point)[0]
        # And as it is where nothing compiles; what is traced differs by the reduction in its last division only.
        for run in (traced, fused._softmax) if reduction == "mean" else (fused._softmax,):
            (gradient,), value = run(point.detach(), target, **options)
            torch.testing.assert_close((value, gradient), exact, rtol=1e-12, atol=1e-12)


def test_class_weights_become_a_tensor_once_and_not_for_each_block(monkeypatch: Any) -> None:
    made, tensor = [], torch.Tensor.new_tensor
    monkeypatch.setattr(
        torch.Tensor, "new_tensor", lambda self, data, **how: (made.append(len(data)), tensor(self, data, **how))[1]
    )
    monkeypatch.setattr(
        torch, "tensor", lambda data, own=torch.tensor, **how: (made.append(len(data)), own(data, **how))[1]
    )
    loss = losskit.CrossEntropy(class_weight=(1.0, 0.5, 2.0, 0.0), label_smoothing=0.1)
    hidden, weight = torch.randn(9, 3, requires_grad=True), torch.randn(4, 3, requires_grad=True)
    losskit.torch.linear(loss, rows=2)(hidden, weight, torch.arange(9) % 4).backward()
    assert made == [4]
