"""What is measured of each layer at a step: gradient, weights, and the step taken."""

from __future__ import annotations

import torch

from losskit.recording.recording import Recording


@torch.no_grad()
def measure_layers(recording: Recording, model: torch.nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    """Take the optimizer's step, and record per layer the gradient norm, the weight norm and the update ratio."""
    layers = [
        (name or "model", [p for p in layer.parameters(recurse=False) if p.grad is not None])
        for name, layer in model.named_modules()
    ]
    layers = [(name, parameters) for name, parameters in layers if parameters]
    gradients = [_norm([p.grad for p in parameters if p.grad is not None]) for _, parameters in layers]
    before = [[p.clone() for p in parameters] for _, parameters in layers]
    optimizer.step()
    recording.measure("gradient_norm", step, torch.stack(gradients).norm().item() if gradients else 0.0)
    for (name, parameters), gradient, old in zip(layers, gradients, before, strict=True):
        weight = _norm(old).item()
        taken = _norm([new - p for new, p in zip(parameters, old, strict=True)]).item()
        recording.measure(f"gradient_norm/{name}", step, gradient.item())
        recording.measure(f"weight_norm/{name}", step, weight)
        recording.measure(f"update_ratio/{name}", step, taken / weight if weight else 0.0)


def _norm(tensors: list[torch.Tensor]) -> torch.Tensor:
    return torch.stack([tensor.norm() for tensor in tensors]).norm()
