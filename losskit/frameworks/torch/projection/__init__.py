"""Losses of logits that are never all there: a projection to a large vocabulary and its loss, block by block."""

from __future__ import annotations

import torch

from losskit.core.checks import shapes_are_checked
from losskit.core.errors import ShapeError
from losskit.core.kinds import RowwiseLoss
from losskit.core.loss import Loss
from losskit.core.reduction import Empty, Reduction, checked
from losskit.frameworks.torch.projection.derivatives import separate, total
from losskit.frameworks.torch.projection.received import Received, finished, received, scales, xp
from losskit.frameworks.torch.projection.sweep import Projection, Sweep, Target
from losskit.losses.classification import CrossEntropy

__all__ = ["Linear", "Projection", "linear", "linear_cross_entropy"]


class Linear:
    """What `linear` makes: called with hidden states and a projection's weight, it gives the loss of their logits."""

    def __init__(self, loss: Loss, reduction: Reduction, empty: Empty, rows: int | None) -> None:
        checked(reduction, empty)
        of_logits = isinstance(loss, RowwiseLoss) and getattr(loss, "input", "logits") == "logits"
        if not of_logits or len(loss.inputs) != 2 or loss.differentiable != loss.inputs[:1]:
            raise TypeError(
                "linear: expected a loss of rows of logits against one target (CrossEntropy(), Focal(), "
                f'KLDivergence(input="logits"), …), got {loss}'
            )
        if rows is not None and (not isinstance(rows, int) or isinstance(rows, bool) or rows < 1):
            raise ValueError(f"rows: expected a whole number >= 1, or None, got {rows!r}")
        self.loss = loss
        self.reduction: Reduction = reduction
        self.empty: Empty = empty
        self.sweep = Sweep(loss, rows)

    def __call__(
        self,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        target: Target,
        *,
        bias: torch.Tensor | None = None,
        sample_weight: torch.Tensor | None = None,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The loss of hidden @ weightᵀ + bias against the target: what `loss(logits, target, …)` gives."""
        student = Projection(hidden, weight, bias)
        self._check(student, target)
        student = _as_autocast(student)
        with torch.autocast(hidden.device.type, enabled=False):  # what is summed in float32 stays in float32
            inputs = received(self.loss, student, target, mask, sample_weight, "sample_weight")
            return self._separate(inputs) if self.reduction == "none" else self._reduced(inputs)

    def _reduced(self, inputs: Received) -> torch.Tensor:
        scale, divisor = scales(self.loss, inputs, self.reduction)
        assert isinstance(inputs.student, Projection)
        value = total(self.sweep, inputs.student, inputs.target, scale)
        return finished(self.loss, value, divisor, self.reduction, self.empty)

    def _separate(self, inputs: Received) -> torch.Tensor:
        student = inputs.student
        assert isinstance(student, Projection)
        values = separate(self.sweep, student, inputs.target)
        values = values if inputs.counted is None else inputs.counted * values
        if inputs.rows is not None:
            values = values.new_zeros(inputs.shape.numel()).index_put((inputs.rows,), values)
        return values.reshape(inputs.shape).to(student.hidden.dtype)

    def _check(self, student: Projection, target: Target) -> None:
        if not shapes_are_checked():
            return
        _check_projection(student, "")
        logits = torch.empty((*student.hidden.shape[:-1], len(student.weight)), device="meta")
        if isinstance(target, Projection):
            _check_projection(target, "target.")
            target = torch.empty((*target.hidden.shape[:-1], len(target.weight)), device="meta")
        self.loss.check_shapes(xp, dict(zip(self.loss.inputs, (logits, target), strict=True)))

    def __repr__(self) -> str:
        return f"linear({self.loss}, reduction={self.reduction!r})"


def _as_autocast(projection: Projection) -> Projection:
    """What torch.nn.Linear does under autocast."""
    kind = projection.hidden.device.type
    if not torch.is_autocast_enabled(kind):
        return projection
    dtype = torch.get_autocast_dtype(kind)
    bias = None if projection.bias is None else projection.bias.to(dtype)
    return Projection(projection.hidden.to(dtype), projection.weight.to(dtype), bias)


def _check_projection(projection: Projection, of: str) -> None:
    hidden, weight, bias = projection.hidden, projection.weight, projection.bias
    if weight.ndim != 2 or hidden.ndim < 1 or hidden.shape[-1] != weight.shape[-1]:
        turned = weight.ndim == 2 and hidden.ndim > 0 and hidden.shape[-1] == weight.shape[0]
        raise ShapeError(
            f"{of}weight: expected shape (classes, D) to go with {of}hidden of shape (…, D) = {tuple(hidden.shape)}, "
            f"got {tuple(weight.shape)}" + ("; fix: weight.T" if turned else "")
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ShapeError(
            f"{of}bias: expected shape {tuple(weight.shape[:1])}, one for each class, got {tuple(bias.shape)}"
        )
    if hidden.dtype != weight.dtype and not torch.is_autocast_enabled(hidden.device.type):
        raise TypeError(f"{of}weight: expected {of}hidden's dtype {hidden.dtype}, got {weight.dtype}; fix: cast one")


def linear(loss: Loss, *, reduction: Reduction = "mean", empty: Empty = "zero", rows: int | None = None) -> Linear:
    """A loss of logits, from hidden states and the projection that makes logits of them, which are never all there.

    For N rows, D hidden units and V classes it needs O(rows · V) memory beside the gradients, instead of O(N · V).
    Value and gradient are made in one pass (with reduction="none" backward makes each block of logits again); they are
    those of `loss(hidden @ weight.T + bias, target)` to rounding. `rows`: of logits at a time; None: what suits the
    device. Rows that are masked or ignored cost nothing.

    The call takes hidden (…, D), weight (V, D), target as the loss has it or a `Projection` of a teacher (a constant),
    bias (V,), sample_weight ≥ 0 and mask (…). Halves are summed in float32. Derivatives of every order, torch.func,
    torch.vmap and forward mode work; torch.compile takes it whole, first derivatives only.

    For the language model's own loss see `linear_cross_entropy`; a student's against a teacher over the vocabulary:

    >>> import torch, losskit
    >>> distil = losskit.torch.linear(losskit.KnowledgeDistillation(temperature=2.0))
    >>> hidden, weight = torch.randn(6, 4, requires_grad=True), torch.randn(50, 4)
    >>> teacher = losskit.torch.Projection(torch.randn(6, 8), torch.randn(50, 8))
    >>> distil(hidden, weight, teacher).backward()
    >>> hidden.grad.shape
    torch.Size([6, 4])

    Raises TypeError for a loss of anything else, ValueError for rows < 1, and what the loss itself raises.
    Source: Wijmans et al. 2024, arXiv:2411.09009 (cross-entropy without the logits); Hsu et al. 2024, arXiv:2410.10989
    (the gradient with the value, in blocks of rows).
    """
    return Linear(loss, reduction, empty, rows)


def linear_cross_entropy(
    hidden: torch.Tensor,
    weight: torch.Tensor,
    target: torch.Tensor,
    *,
    bias: torch.Tensor | None = None,
    class_weight: tuple[float, ...] | None = None,
    ignore_index: int | None = -100,
    label_smoothing: float = 0.0,
    z_loss: float = 0.0,
    softcap: float | None = None,
    sample_weight: torch.Tensor | None = None,
    mask: torch.Tensor | None = None,
    reduction: Reduction = "mean",
    empty: Empty = "zero",
) -> torch.Tensor:
    """Cross-entropy of hidden @ weightᵀ + bias, a block of logits at a time: the loss of a language model's head.

    Shapes: hidden (…, D), weight (V, D) as in torch.nn.Linear, target (…) class indices or (…, V) probabilities.
    Settings and numbers are those of `losskit.CrossEntropy`; ignore_index is PyTorch's −100 unless given. With
    reduction="none" the values are −log p of each token: of these, preference losses are made. On a GPU, where Triton
    is installed, one kernel does what is to do between the matrix products.

    >>> import torch, losskit
    >>> hidden, head = torch.randn(2, 5, 8, requires_grad=True), torch.nn.Linear(8, 100)
    >>> target = torch.randint(0, 100, (2, 5))
    >>> losskit.torch.linear_cross_entropy(hidden, head.weight, target, bias=head.bias, z_loss=1e-4).backward()
    >>> log_p = -losskit.torch.linear_cross_entropy(hidden, head.weight, target, bias=head.bias, reduction="none")
    >>> log_p.sum(-1).shape  # of each sequence, as losskit.DirectPreferenceOptimization takes them
    torch.Size([2])

    Errors, memory and derivatives: see `linear`, which this calls. As torch.nn.functional.linear_cross_entropy and
    Liger-Kernel's fused linear cross-entropy.
    """
    loss = CrossEntropy(
        class_weight=class_weight,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
        z_loss=z_loss,
        softcap=softcap,
    )
    return Linear(loss, reduction, empty, None)(
        hidden, weight, target, bias=bias, sample_weight=sample_weight, mask=mask
    )
