"""The guard of a PyTorch loop: it makes the optimizer's step, unless the step would do harm."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

from losskit.doctor.guard.judgement import Action, Judgement, Verdict
from losskit.recording.recording import Recording


class Guard:
    """Skips steps with numbers that are not finite, clips spikes, and after repeated trouble goes back and slows down.

    Called in place of `optimizer.step()`, after `backward`::

        guard = losskit.doctor.Guard(model, optimizer)
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            guard.step(loss)

    Every `snapshot_every` steps without trouble the model (with its buffers), the optimizer and the random generators
    are kept; a rollback restores them and multiplies the learning rate by `factor` from then on, under whatever
    scheduler there is. What the guard did is in `recording` (events of kind "guard", and loss, gradient_norm and rate)
    and in the log `losskit.guard`. In a run without trouble every number is the same as without a guard; the price is
    the gradient norm, read once a step.

    With a GradScaler, give it as `scaler` and leave `scaler.step` and `scaler.update` to the guard. Optimizers that
    need a closure (LBFGS) cannot be guarded.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        *,
        scaler: torch.amp.GradScaler | None = None,
        threshold: float = 10.0,
        patience: int = 3,
        snapshot_every: int = 100,
        factor: float = 0.5,
    ) -> None:
        if not 0 < factor < 1:
            raise ValueError(f"expected a factor between 0 and 1, got {factor}")
        if patience < 1 or snapshot_every < 1 or threshold <= 0:
            raise ValueError(
                "expected patience and snapshot_every of at least 1 and a positive threshold, "
                f"got {patience}, {snapshot_every} and {threshold}"
            )
        self.model, self.optimizer, self.scaler = model, optimizer, scaler
        self.factor, self.snapshot_every = factor, snapshot_every
        self.slowdown = 1.0  # what the learning rate is multiplied by
        self._judgement = Judgement(threshold, patience)
        self._kept = self._snapshot()

    @property
    def recording(self) -> Recording:
        return self._judgement.recording

    def step(self, loss: torch.Tensor | float) -> Action:
        """Make the step that `backward` has prepared, or what is better; returns what was done."""
        if self.scaler is not None:
            self.scaler.unscale_(self.optimizer)
        value = float(loss.detach()) if isinstance(loss, torch.Tensor) else float(loss)
        verdict = self._judgement.of(value, self._gradient_norm(), overflow_is_usual=self.scaler is not None)
        self.recording.measure("rate", self._judgement.steps - 1, self.optimizer.param_groups[0]["lr"] * self.slowdown)
        if verdict.action in ("step", "clip"):
            self._step(verdict)
        elif verdict.action == "roll back":
            self._roll_back()
        else:
            self._skip()
        if self.scaler is not None:
            self.scaler.update()
        return verdict.action

    def _step(self, verdict: Verdict) -> None:
        if verdict.norm is not None:
            nn.utils.clip_grad_norm_(list(self._parameters()), verdict.norm)
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if self.slowdown != 1.0:
            for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * self.slowdown
        if self.scaler is None:
            self.optimizer.step()
        else:
            self.scaler.step(self.optimizer)
        if self.slowdown != 1.0:  # a scheduler goes on from the rates it knows
            for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
                group["lr"] = rate
        if self._judgement.steps % self.snapshot_every == 0 and self._judgement.calm:
            self._kept = self._snapshot()

    def _skip(self) -> None:
        """Leave the weights as they are; running averages that the batch has spoiled are taken from the snapshot."""
        self.optimizer.zero_grad()
        kept = self._kept["model"]
        with torch.no_grad():
            for name, buffer in self.model.named_buffers():
                if buffer.is_floating_point() and name in kept and not torch.isfinite(buffer).all():
                    buffer.copy_(kept[name])

    def _roll_back(self) -> None:
        rates = [group["lr"] for group in self.optimizer.param_groups]
        self.optimizer.zero_grad()
        self.model.load_state_dict(self._kept["model"])
        self.optimizer.load_state_dict(copy.deepcopy(self._kept["optimizer"]))
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate  # the scheduler's
        torch.set_rng_state(self._kept["torch"])
        if self._kept["cuda"]:
            torch.cuda.set_rng_state_all(self._kept["cuda"])
        random.setstate(self._kept["python"])
        np.random.set_state(self._kept["numpy"])
        self.slowdown *= self.factor
        self._judgement.rolled_back()
        self._judgement.note(f"back at step {self._kept['step']}, with {self.slowdown:g} of the learning rate")

    def _snapshot(self) -> dict[str, Any]:
        model = {
            name: value.detach().clone() if isinstance(value, torch.Tensor) else copy.deepcopy(value)
            for name, value in self.model.state_dict().items()
        }
        return {
            "step": self._judgement.steps,
            "model": model,
            "optimizer": copy.deepcopy(self.optimizer.state_dict()),
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "python": random.getstate(),
            "numpy": np.random.get_state(),
        }

    def _gradient_norm(self) -> float:
        gradients = [parameter.grad.detach() for parameter in self._parameters() if parameter.grad is not None]
        if not gradients:
            return 0.0
        gradients = [one.coalesce().values() if one.is_sparse else one for one in gradients]
        norms = [torch.linalg.vector_norm(one, dtype=torch.float32) for one in gradients]
        return float(torch.linalg.vector_norm(torch.stack([norm.to(norms[0].device) for norm in norms])))

    def _parameters(self) -> Iterator[torch.Tensor]:
        for group in self.optimizer.param_groups:
            yield from group["params"]


__all__ = ["Guard"]
