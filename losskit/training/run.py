"""Run: a model, an objective, an optimizer and data; fit trains and writes a Recording."""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch

from losskit.core.loss import Loss
from losskit.core.objective import Objective
from losskit.recording.facts import End, Metric, OptimizerFacts, Progress, Start
from losskit.recording.recording import Recording
from losskit.training import checkpoint
from losskit.training.batches import Batches, Data, Given, is_pair, samples
from losskit.training.criterion import Criterion
from losskit.training.measure import measure_layers
from losskit.training.optimizers import optimizer as make_optimizer
from losskit.training.optimizers import schedule as make_schedule
from losskit.training.optimizers import zero_gradients

Score = Callable[[torch.Tensor, torch.Tensor], float]
Scheduler = torch.optim.lr_scheduler.LRScheduler


@dataclass
class Run:
    """One training run.

    objective: a Loss, or an Objective with penalties (on the model's parameters). train, validation: (inputs, targets)
    tensors, batched without workers, or a DataLoader, used as it is. optimizer: a name of
    `losskit.training.optimizers` or a torch optimizer of the model's parameters. batch_size: of tensors; None is
    full-batch. score: (predictions, targets) → the task metric, higher is better.
    After `fit`, `recording` holds everything measured, and `model` the weights (the best ones with `patience`), also
    where the run was interrupted.
    """

    model: torch.nn.Module
    objective: Objective | Loss
    train: Data
    validation: Data | None = None
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
        self.batches = self._batches()
        self.step = self.epoch = 0

    def _batches(self) -> Batches | Given:
        if is_pair(self.train):
            inputs, targets = self.train
            return Batches(inputs, targets, self.batch_size, torch.Generator().manual_seed(self.seed))
        if self.optimizer == "gradient_descent":
            raise ValueError("train: gradient_descent takes the whole set at once, as two tensors; got batches")
        return Given(self.train)

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
        validation loss, and go back to the best weights. save: a checkpoint after every epoch, written atomically while
        training goes on; resume: go on from it. The run ends early, saying why in `recording.end.reason`, when the loss
        is not finite. A checkpoint that cannot be written is an error at the next step; the one before stays.
        """
        if epochs < 1:
            raise ValueError(f"epochs: expected a number >= 1, got {epochs}")
        if patience is not None and self.validation is None:
            raise ValueError("patience: expected validation data to watch, got none")
        scheduler = self._scheduler(epochs)
        if resume and save is not None and os.path.exists(save):
            self._restore(checkpoint.load(save), scheduler)
        self._describe()
        best, best_state, waited = math.inf, None, 0
        status, reason = 0, "finished"
        started = time.perf_counter()
        try:
            with (
                _bar(epochs) if progress else nullcontext(lambda *_: None) as shown,
                nullcontext() if save is None else checkpoint.Writer(save) as writer,
            ):
                for epoch in range(self.epoch + 1, epochs + 1):
                    self.epoch = epoch
                    loss = self._pass(scheduler, writer)
                    validation = self._validate()
                    shown(epoch, loss, validation)
                    if writer is not None:
                        writer.save(self._state(scheduler))
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
        except BaseException as error:
            status, reason = (130, "interrupted") if isinstance(error, KeyboardInterrupt) else (1, "exception")
            raise
        finally:
            if best_state is not None:
                self.model.load_state_dict(best_state)
            seconds = time.perf_counter() - started
            self.recording.end = End(exit=status, seconds=seconds, training_seconds=seconds, reason=reason)
            self._conclude()
        return self.recording

    @torch.no_grad()
    def predict(self, inputs: torch.Tensor, batch_size: int = 4096) -> torch.Tensor:
        """The model's outputs in evaluation mode, without a graph."""
        with self._evaluating():
            return torch.cat([self.model(part) for part in inputs.split(batch_size)])

    @torch.no_grad()
    def evaluate(self, data: Data) -> dict[str, float]:
        """{"loss": the losses' part of the objective, metric: the score} on this data."""
        if is_pair(data):
            outputs, targets = self.predict(data[0]), data[1]
        else:
            with self._evaluating():
                pairs = [(self.model(inputs), targets) for inputs, targets in data]
            outputs, targets = (torch.cat(part) for part in zip(*pairs, strict=True))
        loss = sum(c * float(loss(outputs, targets)) for c, loss in self._objective.losses)
        return {"loss": loss} | ({self.metric: self.score(outputs, targets)} if self.score else {})

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        was_training = self.model.training
        self.model.eval()
        try:
            yield
        finally:
            self.model.train(was_training)

    def _scheduler(self, epochs: int) -> Scheduler | None:
        """None where the rate stays as it is: to be told so at each step costs more than the step's recording."""
        if self.schedule == "constant":
            return None
        return make_schedule(self.schedule, self._optimizer, epochs * len(self.batches))

    def _pass(self, scheduler: Scheduler | None, writer: checkpoint.Writer | None) -> float:
        """One epoch; its mean loss."""
        self.model.train()
        losses: list[torch.Tensor] = []
        rates: list[float] = []
        first = self.step
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        criterion = Criterion(self._objective, parameters, self.batches.targets)
        try:
            for inputs, targets in self.batches:
                if writer is not None:
                    writer.check()
                zero_gradients(self._optimizer)
                loss = criterion(self.model(inputs), targets)
                loss.backward()
                if self.clip is not None:
                    torch.nn.utils.clip_grad_norm_(parameters, self.clip)
                self.step += 1
                losses.append(loss.detach())
                rates.append(self._optimizer.param_groups[0]["lr"])
                if self.step == first + 1 or self.step <= 10:  # once an epoch: a full look costs as much as a step
                    measure_layers(self.recording, self.model, self._optimizer, self.step)
                else:
                    self._optimizer.step()
                if scheduler is not None:
                    scheduler.step()
        finally:
            values = self._record(first, losses, rates)
        return math.fsum(values) / len(values)

    def _record(self, first: int, losses: list[torch.Tensor], rates: list[float]) -> list[float]:
        """What a pass has kept, once: an accelerator is not made to wait at each step."""
        values = torch.stack(losses).tolist() if losses else []
        for step, (value, rate) in enumerate(zip(values, rates, strict=False), first + 1):
            self.recording.measure("loss", step, value)
            self.recording.measure("rate", step, rate)
        return values

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
            training_samples=self.batches.samples,
            validation_samples=None if self.validation is None else samples(self.validation),
        )
        series = self.recording.signal("validation/metric")
        if len(series):
            best = max(series.values)
            self.recording.metric = Metric(self.metric, series.last, "validation", best=best)

    def _state(self, scheduler: Scheduler | None) -> dict[str, Any]:
        schedule = {} if scheduler is None else scheduler.state_dict()
        generator = self.batches.generator
        return {
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scheduler": {k: v for k, v in schedule.items() if isinstance(v, (int, float, list))},
            "order": None if generator is None else generator.get_state(),
            "random": torch.get_rng_state(),
            "step": self.step,
            "epoch": self.epoch,
        }

    def _restore(self, state: dict[str, Any], scheduler: Scheduler | None) -> None:
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        if scheduler is not None:
            scheduler.load_state_dict(state["scheduler"])
        if self.batches.generator is not None:
            self.batches.generator.set_state(state["order"])
        torch.set_rng_state(state["random"])
        self.step, self.epoch = state["step"], state["epoch"]


def fit(model: torch.nn.Module, objective: Objective | Loss, train: Data, epochs: int, **settings: Any) -> Recording:
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
