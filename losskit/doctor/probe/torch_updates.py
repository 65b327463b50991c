"""What an optimizer of a torch script receives in a step, and how far the step moves the weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import torch

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_tensors import norms, sample


class Updates:
    """Looks before a step, and after it."""

    def __init__(self, session: Session, model: Model) -> None:
        self._session, self._model = session, model
        self._before: list[tuple[str, torch.Tensor, torch.Tensor]] = []  # layer, parameter, what part of it was

    def before(self, optimizer: torch.optim.Optimizer, primary: bool) -> None:
        """Measure what the optimizer received, and keep the weights as they are."""
        names, parameters, gradients = [], [], []
        for parameter in _parameters(optimizer):
            if parameter.grad is not None:
                gradient = parameter.grad.detach()
                gradients.append(gradient.coalesce().values() if gradient.is_sparse else gradient)
                parameters.append(parameter.detach())
                names.append(self._model.owners.get(id(parameter), ""))
        if not gradients:
            return
        samples = [sample(gradient) for gradient in gradients]
        sizes, sums = norms(gradients), norms(samples, order=1)
        total = math.sqrt(sum(norm**2 for norm in sizes))
        if primary:
            self._session.measure("gradient_norm", total)
        if not math.isfinite(total):
            bad = (name for name, norm in zip(names, sizes, strict=True) if not math.isfinite(norm))
            self._model.non_finite("gradient", next(bad, None))
        counts = [one.numel() for one in samples]
        for name, rows in _grouped(names, zip(sizes, sums, counts, strict=True)):
            count = sum(size for _, _, size in rows)
            self._session.measure(f"gradient_norm/{name}", math.sqrt(sum(norm**2 for norm, _, _ in rows)))
            self._session.measure(f"gradient_mean_absolute/{name}", sum(one for _, one, _ in rows) / max(count, 1))
        self._before = [(n, p, sample(p).clone()) for n, p in zip(names, parameters, strict=True)]

    def after(self) -> None:
        """Measure what the step changed."""
        before, self._before = self._before, []
        if not before:
            return
        names, parameters, old = (list(column) for column in zip(*before, strict=True))
        changes = torch._foreach_sub([sample(p) for p in parameters], old)  # pyright: ignore[reportPrivateImportUsage]
        whole = [math.sqrt(p.numel() / max(part.numel(), 1)) for p, part in zip(parameters, old, strict=True)]
        weights = [norm * scale for norm, scale in zip(norms(old), whole, strict=True)]
        steps = [norm * scale for norm, scale in zip(norms(list(changes)), whole, strict=True)]
        for name, rows in _grouped(names, zip(weights, steps, strict=True)):
            weight, step = (math.sqrt(sum(row[i] ** 2 for row in rows)) for i in (0, 1))
            self._session.measure(f"weight_norm/{name}", weight)
            if weight > 0:
                self._session.measure(f"update_ratio/{name}", step / weight)
            if not math.isfinite(step):
                self._model.non_finite("weight", name)


def _grouped(names: list[str], rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for name, row in zip(names, rows, strict=True):
        if name:
            groups.setdefault(name, []).append(row)
    yield from groups.items()


def _parameters(optimizer: torch.optim.Optimizer) -> Iterator[torch.Tensor]:
    for group in optimizer.param_groups:
        yield from group["params"]


__all__ = ["Updates"]
