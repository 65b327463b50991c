"""A model's own answer against its answer to the small change of its input that alters it most."""

from __future__ import annotations

import math

import torch

from losskit.core.hyperparameters import positive
from losskit.core.loss import Loss
from losskit.losses.distillation import KnowledgeDistillation

__all__ = ["VirtualAdversarial"]


class VirtualAdversarial:
    """VAT: ℓ = KL(q ‖ p(x + r)), q = p(x) held constant, r of length ε where the divergence grows most.

    A regulariser that needs no labels: `vat = VirtualAdversarial(radius=2.0)`, then add `vat(model, x)` to the loss of
    the labelled samples, x labelled or not. Where model(x) is there already, pass it: `vat(model, x, scores)`.
    radius ε > 0: the length of r, of a whole sample, in the unit of x: the one number to search for. iterations ≥ 1:
    steps of power iteration from a random direction (generator), each a pass forward and back; 1 is the paper's.
    step ξ > 0: how far the gradient is probed from x; None: √(ulp of 1) times the length of x, or of 1. (The paper's
    1e-6 is less than a rounding of one pixel in float32, and then the direction is one of roundings.)
    loss: any loss of two answers of the model's, least where they agree; by default the divergence of softmaxes of
    logits, SquaredError() for regression. inputs (N, …) are floating point: of tokens, pass their embeddings.
    The passes here leave running statistics (batch normalisation) alone. Dropout would be mistaken for a change of x:
    the two answers have to come from the same units, or from the model in evaluation mode.

    >>> import torch, losskit
    >>> model = torch.nn.Linear(4, 3)
    >>> losskit.torch.VirtualAdversarial(radius=0.5)(model, torch.randn(8, 4)).requires_grad
    True

    Source: Miyato, Maeda, Koyama & Ishii 2017, arXiv:1704.03976.
    """

    def __init__(
        self,
        radius: float = 1.0,
        iterations: int = 1,
        step: float | None = None,
        loss: Loss | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        positive(radius=radius, **({} if step is None else {"step": step}))
        if not isinstance(iterations, int) or iterations < 1:
            raise ValueError(f"iterations: expected a whole number >= 1, got {iterations!r}")
        self.radius, self.iterations, self.step = radius, iterations, step
        self.loss = KnowledgeDistillation(temperature=1.0) if loss is None else loss
        self.generator = generator

    def __call__(
        self, model: torch.nn.Module, inputs: torch.Tensor, answer: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The mean over the samples; its gradient reaches the model's parameters through p(x + r) alone."""
        with torch.no_grad():
            at_x = self._run(model, inputs) if answer is None else answer.detach()
        return self.loss(self._run(model, inputs + self.perturbation(model, inputs, at_x)), at_x)

    def perturbation(self, model: torch.nn.Module, inputs: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
        """r for each sample. Where the model does not change at all near x it is a random direction."""
        if not inputs.is_floating_point():
            raise ValueError(f"inputs: expected floating point, got {inputs.dtype}; of tokens pass their embeddings")
        x, answer = inputs.detach(), answer.detach()
        step = self.step
        if step is None:
            step = math.sqrt(torch.finfo(x.dtype).eps) * lengths(x).clamp(min=1)
        noise = torch.randn(x.shape, generator=self.generator, device=x.device, dtype=x.dtype)
        direction = noise / lengths(noise)
        for _ in range(self.iterations):
            with torch.enable_grad():
                probe = (x + step * direction).requires_grad_()
                # A sum: each sample's direction is its own, whatever the others' losses are.
                value = self.loss(self._run(model, probe), answer, reduction="sum")
            (slope,) = torch.autograd.grad(value, probe)
            size = lengths(slope)
            direction = torch.where(size > 0, slope / torch.where(size > 0, size, 1), direction)
        return self.radius * direction

    def _run(self, model: torch.nn.Module, inputs: torch.Tensor) -> torch.Tensor:
        """The model's answer; what it keeps count of is a copy that is thrown away."""
        buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
        return torch.func.functional_call(model, buffers, (inputs,))

    def __repr__(self) -> str:
        settings = f"radius={self.radius}, iterations={self.iterations}, step={self.step}, loss={self.loss}"
        return f"VirtualAdversarial({settings})"


def lengths(x: torch.Tensor) -> torch.Tensor:
    """The Euclidean length of each sample, to divide it by."""
    return torch.linalg.vector_norm(x, dim=tuple(range(1, x.dim())), keepdim=True)
