"""Run: a model, an objective, an optimizer and data; fit trains and writes a Recording."""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch

from losskit.core.loss import Loss
from losskit.core.objective import Objective
from losskit.recording.facts import End, Metric, OptimizerFacts, Progress, Start
from losskit.recording.recording import Recording
from losskit.training import checkpoint
from losskit.training.batches import Batches, Pair
from losskit.training.measure import measure_layers
from losskit.training.optimizers import optimizer as make_optimizer
from losskit.training.optimizers import schedule as make_schedule

Score = Callable[[torch.Tensor, torch.Tensor], float]


@dataclass
class Run:
    """One training run.

    objective: a Loss, or an Objective with penalties (on the model's parameters). train, validation: (inputs, targets)
    tensors. optimizer: a name of `losskit.training.optimizers` or a torch optimizer of the model's parameters.
    batch_size: None is full-batch. score: (predictions, targets) → the task metric, higher is better.
    After `fit`, `recording` holds everything measured, and `model` the weights (the best ones with `patience`).
    """

    model: torch.nn.Module
    objective: Objective | Loss
    train: Pair
    validation: Pair | None = None
    optimizer: str | torch.optim.Optimizer = "adam"
    learning_rate: float | None = None
    weight_decay: float = 0.0
    batch_size: int | None = 32
    schedule: str = "constant"
    clip: float | None = None
    seed: int = 0
    score: Score | None = None
    metric: str = "score"
    recording: Recording = field(default_factory=Recording, repr=False)

    def __post_init__(self) -> None:
        if self.clip is not None and not self.clip > 0:
            raise ValueError(f"clip: expected a number > 0, or None for no clipping, got {self.clip}")
        self._objective = Objective(((1.0, self.objective),)) if isinstance(self.objective, Loss) else self.objective
        if isinstance(self.optimizer, str):
            self._optimizer = make_optimizer(
                self.optimizer,
                self.model.parameters(),
                learning_rate=self.learning_rate,
                weight_decay=self.weight_decay,
            )
            if self.optimizer == "gradient_descent":
                self.batch_size = None
        else:
            self._optimizer = self.optimizer
        generator = torch.Generator().manual_seed(self.seed)
        self.batches = Batches(*self.train, self.batch_size, generator)
        self.step = self.epoch = 0

    def fit(
        self,
        epochs: int,
        *,
        stop_below: float | None = None,
        patience: int | None = None,
        save: str | os.PathLike[str] | None = None,
        resume: bool = False,
        progress: bool = True,
    ) -> Recording:
        """Train for at most `epochs` passes over the data.

        stop_below: end once an epoch's mean loss is below it. patience: end after that many epochs without a better
        validation loss, and go back to the best weights. save: a checkpoint after every epoch, written atomically;
        resume: go on from it. The run ends early, saying why in `recording.end.reason`, when the loss is not finite.
        """
        if epochs < 1:
            raise ValueError(f"epochs: expected a number >= 1, got {epochs}")
        if patience is not None and self.validation is None:
            raise ValueError("patience: expected validation data to watch, got none")
        scheduler = make_schedule(self.schedule, self._optimizer, epochs * len(self.batches))
        if resume and save is not None and os.path.exists(save):
            self._restore(checkpoint.load(save), scheduler)
        self._describe()
        best, best_state, waited, reason = math.inf, None, 0, "finished"
        started = time.perf_counter()
        with _bar(epochs) if progress else nullcontext(lambda *_: None) as shown:
            for epoch in range(self.epoch + 1, epochs + 1):
                self.epoch = epoch
                loss = self._pass(scheduler)
                validation = self._validate()
                shown(epoch, loss, validation)
                if save is not None:
                    checkpoint.save(self._state(scheduler), save)
                if not math.isfinite(loss):
                    reason = "the loss is not finite"
                    break
                if stop_below is not None and loss < stop_below:
                    reason = f"the loss fell below {stop_below:g}"
                    break
                if patience is not None and validation is not None:
                    waited = waited + 1
                    if validation < best:
                        best, best_state, waited = validation, copy.deepcopy(self.model.state_dict()), 0
                    elif waited >= patience:
                        reason = f"no better validation loss for {patience} epochs"
                        break
        if best_state is not None:
            self.model.load_state_dict(best_state)
        seconds = time.perf_counter() - started
        self.recording.end = End(exit=0, seconds=seconds, training_seconds=seconds, reason=reason)
        self._conclude()
        return self.recording

    @torch.no_grad()
    def predict(self, inputs: torch.Tensor, batch_size: int = 4096) -> torch.Tensor:
        """The model's outputs in evaluation mode, without a graph."""
        was_training = self.model.training
        self.model.eval()
        outputs = torch.cat([self.model(part) for part in inputs.split(batch_size)])
        self.model.train(was_training)
        return outputs

    def evaluate(self, data: Pair) -> dict[str, float]:
        """{"loss": the losses' part of the objective, metric: the score} on this data."""
        outputs = self.predict(data[0])
        loss = sum(c * float(loss(outputs, data[1])) for c, loss in self._objective.losses)
        return {"loss": loss} | ({self.metric: self.score(outputs, data[1])} if self.score else {})

    def _pass(self, scheduler: torch.optim.lr_scheduler.LRScheduler) -> float:
        """One epoch; its mean loss."""
        self.model.train()
        losses: list[torch.Tensor] = []
        first = self.step
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        for inputs, targets in self.batches:
            self._optimizer.zero_grad(set_to_none=True)
            loss = self._objective(self.model(inputs), targets, parameters=parameters)
            loss.backward()
            if self.clip is not None:
                torch.nn.utils.clip_grad_norm_(parameters, self.clip)
            self.step += 1
            if self.step == first + 1 or self.step <= 10:  # layers once an epoch: a full look costs as much as a step
                measure_layers(self.recording, self.model, self._optimizer, self.step)
            else:
                self._optimizer.step()
            self.recording.measure("rate", self.step, self._optimizer.param_groups[0]["lr"])
            scheduler.step()
            losses.append(loss.detach())
        values = torch.stack(losses).tolist()  # read once an epoch: an accelerator is not made to wait each step
        for step, value in enumerate(values, first + 1):
            self.recording.measure("loss", step, value)
        return math.fsum(values) / len(values)

    def _validate(self) -> float | None:
        if self.validation is None:
            return None
        scores = self.evaluate(self.validation)
        self.recording.measure("validation/loss", self.step, scores["loss"])
        if self.score:
            self.recording.measure("validation/metric", self.step, scores[self.metric])
        return scores["loss"]

    def _describe(self) -> None:
        self.recording.start = Start(
            "losskit fit", framework="torch", versions={"torch": torch.__version__}, seed=self.seed
        )
        group = {k: v for k, v in self._optimizer.param_groups[0].items() if isinstance(v, (int, float, bool))}
        count = sum(p.numel() for p in self.model.parameters())
        self.recording.optimizers = [OptimizerFacts(type(self._optimizer).__name__, None, group, count)]

    def _conclude(self) -> None:
        self.recording.progress = Progress(
            steps=self.step,
            epochs=self.epoch,
            batch_size=self.batches.size,
            training_samples=len(self.train[0]),
            validation_samples=None if self.validation is None else len(self.validation[0]),
        )
        series = self.recording.signal("validation/metric")
        if len(series):
            best = max(series.values)
            self.recording.metric = Metric(self.metric, series.last, "validation", best=best)

    def _state(self, scheduler: torch.optim.lr_scheduler.LRScheduler) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scheduler": {k: v for k, v in scheduler.state_dict().items() if isinstance(v, (int, float, list))},
            "order": self.batches.generator.get_state(),
            "random": torch.get_rng_state(),
            "step": self.step,
            "epoch": self.epoch,
        }

    def _restore(self, state: dict[str, Any], scheduler: torch.optim.lr_scheduler.LRScheduler) -> None:
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        self.batches.generator.set_state(state["order"])
        torch.set_rng_state(state["random"])
        self.step, self.epoch = state["step"], state["epoch"]


def fit(model: torch.nn.Module, objective: Objective | Loss, train: Pair, epochs: int, **settings: Any) -> Recording:
    """Train a model in place and return the Recording; settings are those of `Run` and `Run.fit`.

    >>> import torch, losskit
    >>> from losskit.training import fit
    >>> x = torch.linspace(-1, 1, 64)[:, None]
    >>> model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Flatten(0))
    >>> history = fit(model, losskit.SquaredError(), (x, 3 * x[:, 0]), epochs=200, optimizer="gradient_descent",
    ...               learning_rate=0.5, progress=False)
    >>> history.signal("loss").last < 1e-6
    True
    """
    later = {"stop_below", "patience", "save", "resume", "progress"}
    run = Run(model, objective, train, **{k: v for k, v in settings.items() if k not in later})
    return run.fit(epochs, **{k: v for k, v in settings.items() if k in later})


def _bar(epochs: int) -> AbstractContextManager[Callable[[int, float, float | None], None]]:
    from losskit.training.progress import bar

    return bar(epochs)
