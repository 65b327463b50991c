"""The loss of each step of a PyTorch script: what backward is called on, kept until it is cheap to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import torch

from losskit.doctor.probe.session import Session

INFINITY = float("inf")


class Curve:
    """Collects the values of a step, and writes them when asked to; the first that is not finite is told at once."""

    def __init__(self, session: Session, diverged: Callable[[], None]) -> None:
        self._session, self._diverged = session, diverged
        self._pending: list[torch.Tensor | float] = []  # what backward was called on since the last step
        self._unread: list[tuple[str, int, torch.Tensor | float]] = []  # signal, step and value, not written yet
        self._scaled: tuple[torch.Tensor, torch.Tensor] | None = None  # by a GradScaler: the result and the loss
        self._finite = True

    @property
    def begun(self) -> bool:
        """Whether the step has a value already."""
        return bool(self._pending)

    @property
    def waits(self) -> bool:
        return bool(self._unread)

    @property
    def known(self) -> bool:
        """Whether the last value is a number, which costs nothing to read."""
        return bool(self._unread) and isinstance(self._unread[-1][-1], float)

    def watch(self, scale: Callable[..., Any]) -> Callable[..., Any]:
        """A GradScaler's `scale`, which gives what backward is called on at once."""

        @wraps(scale)
        def scaled(scaler: Any, outputs: Any) -> Any:
            result = scale(scaler, outputs)
            if isinstance(result, torch.Tensor) and result is not outputs:
                self._scaled = (result, outputs)
            return result

        return scaled

    def unscaled(self, value: Any) -> Any:
        """The loss that was scaled to this value; else the value."""
        scaled, self._scaled = self._scaled, None
        return scaled[1] if scaled is not None and value is scaled[0] else value

    def add(self, value: torch.Tensor) -> bool:
        """Keep what backward is called on; False when it is not finite, as far as can be told without waiting."""
        loss = value if value.numel() == 1 else value.detach().sum()
        number = float(loss.item()) if loss.is_cpu else loss.detach()
        self._pending.append(number)
        return not isinstance(number, float) or abs(number) < INFINITY

    def slept(self, losses: Iterable[tuple[str, int, torch.Tensor | float]], unfinished: Iterable[Any]) -> None:
        """What was logged while steps were only counted."""
        self._unread += losses
        self._pending += unfinished

    def step(self, name: str) -> None:
        """The step is over: its loss is to be written with those of other steps, one that is not finite at once."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        value = pending[0]
        for another in pending[1:]:
            value = value + another
        self._unread.append((name, self._session.step, value))
        if isinstance(value, float) and not abs(value) < INFINITY and self._finite:
            with self._session.budget:
                self.read()

    def read(self) -> None:
        """Losses computed on an accelerator are read together: one wait instead of one per step."""
        unread, self._unread = self._unread, []
        waiting = [value for *_, value in unread if isinstance(value, torch.Tensor)]
        read = iter(torch.stack([value.float().reshape(()) for value in waiting]).tolist() if waiting else ())
        curves: dict[str, list[tuple[int, float]]] = {}
        for name, step, value in unread:
            number = next(read) if isinstance(value, torch.Tensor) else value
            curves.setdefault(name, []).append((step, number))
            if not abs(number) < INFINITY and self._finite:
                self._finite = False
                self._diverged()
        for name, points in curves.items():
            self._session.measure_all(name, points)


__all__ = ["Curve"]
