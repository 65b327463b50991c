"""The probe on PyTorch: follows backward and the optimizers of a script, and looks closely at some of the steps."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.dataloader import _BaseDataLoaderIter

from losskit.doctor.probe.blocks import epoch_loop
from losskit.doctor.probe.origins import Origins
from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.seeds import shifted
from losskit.doctor.probe.session import Allowance, Session
from losskit.doctor.probe.torch_asleep import Asleep
from losskit.doctor.probe.torch_curve import Curve
from losskit.doctor.probe.torch_data import Data, Pairs
from losskit.doctor.probe.torch_gradients import Gradients
from losskit.doctor.probe.torch_guards import Guards
from losskit.doctor.probe.torch_handmade_steps import HandmadeSteps
from losskit.doctor.probe.torch_losses import Losses
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_modes import ModeWatch
from losskit.doctor.probe.torch_numbers import Numbers, watch_precision
from losskit.doctor.probe.torch_optimizers import Optimizers
from losskit.doctor.probe.torch_penalty import note_penalties
from losskit.doctor.probe.torch_provenance import Provenance, same
from losskit.doctor.probe.torch_schedules import Schedules
from losskit.recording.facts import Place

BLIND_TO_FUNCTIONS = "the training differentiates with torch.func: its losses and steps were not seen"
FIRST_PASSES = 3  # evaluation passes that are looked at whatever they cost
PART_OF_PASSES = 1 / 2  # of the budget may go to evaluation passes
PART_OF_PAIRS = 1 / 8  # and to the predictions of steps that are not looked at, which cost twice what is seen of it


def install(session: Session) -> None:
    """Hook the freshly imported torch."""
    if session.seed_offset is not None:
        torch.manual_seed(session.seed_offset)
        torch.manual_seed = shifted(torch.manual_seed, session.seed_offset)
        torch.random.manual_seed = torch.manual_seed
        torch.save = _audited(torch.save)
    Hooks(session).install()


def _audited(save: Callable[..., Any]) -> Callable[..., Any]:
    """`torch.save` writes past Python; here Python is told, as of any other writing, so that it can be refused."""

    @wraps(save)
    def audited(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(f, (str, os.PathLike)):
            sys.audit("open", os.fspath(f), "wb", os.O_WRONLY | os.O_CREAT)
        return save(obj, f, *args, **kwargs)

    return audited


class Hooks:
    """What is called when the script calls torch.

    Most steps are not looked at: then the hooks on modules and operations are off, and of the others only a log is
    kept. What is called in every step and need not be is put back when its lines are known.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.provenance = Provenance(session)
        self.origins = Origins(session)
        self.model = Model(session, self.provenance, self.origins)
        self.data = Data(session, self.origins)
        self.numbers = Numbers(session, self.provenance)
        self.gradients = Gradients(session, self.provenance, self.model)
        self.pairs = Pairs(session, self.provenance, self.model, self.data, self.origins)
        self.modes = ModeWatch(session, self.model, self.pairs)
        self.losses = Losses(session, self.provenance, self.model, self.pairs)
        HandmadeSteps(session, self.provenance)
        self.schedules, self.optimizers = Schedules(session), Optimizers()
        self.curve = Curve(session, self._diverged)
        self._in_step = self._in_backward = False
        self._look = True  # at the coming step
        self._asleep = Asleep(session)
        self._guards = Guards(session)
        self._called: set[str] = set()  # kinds of calls whose lines are known
        self._noted = {"zero_grad": Replaced(), "clip": Replaced()}  # then put back
        self._evaluating = False
        self._passes = 0
        self._pass_allowance = Allowance(session.budget, PART_OF_PASSES)
        self._setting_mode = False
        self._pair_allowance = Allowance(session.budget, PART_OF_PAIRS)
        self._rate: float | None = None
        self._replaced = Replaced()

    def install(self) -> None:
        session = self.session
        session.summaries.insert(0, self.summary)  # it ends a pass, which the metric is then told from
        session.summaries.append(self.losses.summary)
        session.summaries.append(self.model.summary)
        session.summaries.append(self.numbers.summary)
        session.summaries.append(self.modes.summary)
        session.stops["torch"] = self.stop
        self.losses.wrap_all()
        replaced = self._replaced
        replaced.hook(register_optimizer_step_pre_hook(self._stepping))
        replaced.hook(register_optimizer_step_post_hook(self._stepped))
        replaced.put(torch.autograd, "backward", self._around_backward(torch.autograd.backward))
        replaced.put(torch.autograd, "grad", self._around_grad(torch.autograd.grad))
        for name in ("grad", "grad_and_value"):
            replaced.put(torch.func, name, self._blind_to(getattr(torch.func, name)))
        self._after(nn.Module, "__init__", lambda module, *_, **__: self.model.constructed(module), first=True)
        replaced.put(nn.Module, "train", self._around_train(nn.Module.train))
        self._after(Optimizer, "__init__", self._optimizer_made)
        for cls in (Optimizer, nn.Module):
            self._noted["zero_grad"].put(cls, "zero_grad", self._noting(cls.zero_grad, "zero_grad"))
        for schedule in (LRScheduler, ReduceLROnPlateau):
            self._after(schedule, "__init__", self._scheduler_made)
        self.schedules.watch(replaced)
        self._after(DataLoader, "__init__", lambda loader, *_, **__: self._constructed(loader, "loader"))
        self._after(TensorDataset, "__init__", self._dataset_made)
        for guard in (torch.no_grad, torch.inference_mode):
            replaced.put(guard, "__enter__", self._around_enter(guard.__enter__))
        for name in ("clip_grad_norm_", "clip_grad_value_"):
            function = self._noting(getattr(nn.utils, name), "clip")
            self._noted["clip"].put(nn.utils, name, function)
            self._noted["clip"].put(nn.utils.clip_grad, name, function)
        self._watch_loaders()
        replaced.put(torch.amp.GradScaler, "scale", self.curve.watch(torch.amp.GradScaler.scale))
        self._watch_compile()
        watch_precision(session, replaced)
        self.modes.watch(replaced)
        self.model.look(True)

    def stop(self) -> None:
        """Another framework trains (Keras, on torch): see nothing more."""
        ours = (self.summary, self.losses.summary, self.model.summary, self.numbers.summary, self.modes.summary)
        self.session.summaries = [summary for summary in self.session.summaries if summary not in ours]
        self.model.look(False)
        self.provenance.stop()
        self.losses.listening = False
        self.losses.unwrap_all()
        for replaced in (self._replaced, *self._noted.values()):
            replaced.restore()

    # steps
    def _stepping(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self._in_step = True
        if not self._look:
            return
        with self.session.budget:
            if self.session.closed or not self.session.claim("torch"):
                return
            if self.optimizers.primary is None:
                self.optimizers.primary = id(optimizer)
            self._site("step")
            if self.session.step == 0:
                self.session.site("epochs", epoch_loop(self.session.places, sys._getframe()))
            self.model.before_update(optimizer, id(optimizer) == self.optimizers.primary)
            if self.provenance.on and len(args) == 1 and not kwargs:  # no closure: no forward in it
                self.provenance.stop()

    def _stepped(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self._in_step = False
        if self._asleep.left:
            self._asleep.stepped(optimizer)
            return
        key = id(optimizer)
        with self.session.budget:
            if self.session.closed or self.session.framework != "torch":
                return
            self._wake()
            self.optimizers.stepped(key)
            if key == self.optimizers.primary:
                self._measure_rate(float(optimizer.param_groups[0].get("lr", float("nan"))), self.session.step)
            self.gradients.stepped(optimizer)
            self.modes.stepped(optimizer)
            if self._look:
                self.model.after_update()
            self._end_step(key == self.optimizers.primary)

    def _wake(self) -> None:
        """Read what was logged in the steps that were only counted."""
        if not self._asleep.log:
            self._asleep.left = 0
            return
        slept, primary = self._asleep.wake(), self.optimizers.primary
        for key, steps in slept.steps.items():
            self.optimizers.stepped(key, steps)
        for step, key, rate in slept.rates:
            if key == primary:
                self._measure_rate(rate, step)
        for dataset in slept.trained_on:
            self.data.yielded(dataset)
            self.data.trained()
        for dataset in slept.yielded:
            self.data.yielded(dataset)
        losses = [(_signal(key == primary), step, value) for step, key, value in slept.losses]
        self.curve.slept(losses, slept.unfinished)

    def _end_step(self, primary: bool) -> None:
        self.curve.step(_signal(primary))
        if self.curve.known or (self._look and self.curve.waits):
            self.curve.read()
        self._guards.end_pass(self.pairs.evaluated_held_out)
        self.pairs.stepped()
        self._evaluating = False
        for allowance in (self._pass_allowance, self._pair_allowance):
            if allowance.open:
                allowance.end()
        look = self.session.stepped()  # of a loss that the script wrote nothing is heard otherwise
        self._set_look(look or (self.session.in_trial and self.losses.by_hand and not self.session.metric.held_out))
        counted = self.losses.listening or not self.optimizers  # a step made by hand ends with a backward
        self._asleep.begin(0 if counted else self.session.budget.uncounted())

    def _set_look(self, look: bool) -> None:
        self.losses.listening = look or self._pairs_due()
        if not look and not self._look and not self.provenance.on:
            return
        self._look = look
        self.provenance.clear()
        if look:
            self.model.look(True)
            self.provenance.start()
        else:
            self.model.look(False)
            if self.provenance.on:
                self.provenance.stop()
            for kind in self._called:
                self._noted.pop(kind, Replaced()).restore()

    def _pairs_due(self) -> bool:
        """Whether the task metric wants the predictions of the coming step, which is not looked at otherwise: it lives
        on them when the script holds no data out, and a trial is decided by it."""
        session = self.session
        if session.metric.held_out:
            return False
        due = session.in_trial or self._pair_allowance.due(session.step)
        if due:
            self._pair_allowance.begin(session.step)
        return due

    def _measure_rate(self, rate: float, step: int) -> None:
        if rate != self._rate:
            self._rate = rate
            self.session.measure("rate", rate, step)

    def _diverged(self) -> None:
        self.model.non_finite("loss", None)
        self.model.look_for_non_finite()

    # backward
    def _around_backward(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            value = tensors
            if self._asleep.left:
                value = self.curve.unscaled(tensors)
                again = self._in_step and self._asleep.log and type(self._asleep.log[-1]) is not tuple
                if again or self._asleep.backward(value):  # of a closure's calls in one step the first counts
                    return function(tensors, *args, **kwargs)
            if self._in_backward or torch.compiler.is_compiling():
                return function(tensors, *args, **kwargs)
            with self.session.budget:
                self._before_backward(value)
            self._in_backward = True
            try:
                return function(tensors, *args, **kwargs)
            finally:
                self._in_backward = False
                if self._look or not self.optimizers:
                    with self.session.budget:
                        self._after_backward()

        return backward

    def _around_grad(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A script without an optimizer may ask for the gradients, instead of having them put beside the weights."""
        backward = self._around_backward(function)

        @wraps(function)
        def grad(outputs: Any, *args: Any, **kwargs: Any) -> Any:
            trains = not self.optimizers and isinstance(outputs, torch.Tensor) and not kwargs.get("create_graph")
            return (backward if trains else function)(outputs, *args, **kwargs)

        return grad

    def _blind_to(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def differentiated(*args: Any, **kwargs: Any) -> Any:
            if not self.optimizers and not self.session.closed_to("torch"):
                with self.session.budget:
                    self.session.event("blind", BLIND_TO_FUNCTIONS, self.session.place())
            return function(*args, **kwargs)

        return differentiated

    def _before_backward(self, tensors: Any) -> None:
        session = self.session
        if session.closed or not session.claim("torch"):
            return
        session.budget.begin()
        self._wake()
        self.data.trained()
        value = self.curve.unscaled(tensors if isinstance(tensors, torch.Tensor) else next(iter(tensors), None))
        if not isinstance(value, torch.Tensor):
            return
        self._add_loss(value)
        if self._look:
            self.gradients.before_backward(value, self.optimizers)
        if self._look and self.provenance.on:
            self._site("backward")
            self.losses.trained_on(value)
            note_penalties(self.session, self.provenance.node(value))

    def _add_loss(self, value: torch.Tensor) -> None:
        if self._in_step and self.curve.begun:
            return  # of the calls of a closure in one step the first counts
        if not self.curve.add(value):
            self.numbers.broke(value)
            self.losses.non_finite(value)

    def _after_backward(self) -> None:
        """A script without an optimizer makes its step by hand after each backward."""
        if self.session.closed_to("torch"):
            return
        if self._look:
            self.gradients.after_backward()
        if not self.optimizers and self.session.framework == "torch":
            self._end_step(True)
        elif not self.provenance.on and self._look:
            self.provenance.start()

    # evaluation
    def _around_enter(self, enter: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(enter)
        def entering(guard: Any) -> Any:
            busy = self._evaluating or self._in_step or self._in_backward or torch.compiler.is_compiling()
            if not busy and self._guards.heard(sys._getframe(1)) and not self.session.closed_to("torch"):
                with self.session.budget:
                    self._evaluate()
            return enter(guard)

        return entering

    def _around_train(self, train: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(train)
        def set_mode(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if self._setting_mode or torch.compiler.is_compiling():  # a module sets those in it
                return train(module, *args, **kwargs)
            self._setting_mode = True
            try:
                return train(module, *args, **kwargs)
            finally:
                self._setting_mode = False
                with self.session.budget:
                    self._mode_set(module)

        return set_mode

    def _mode_set(self, module: nn.Module) -> None:
        if self.session.closed_to("torch"):
            return
        if module.training:
            if self.provenance.on and not self._look:  # the pass is over
                self.provenance.stop()
            return
        frame = self.session.places.frame(sys._getframe(2))
        if frame is not None and not self._evaluating and self._guards.heard(frame):
            self._site("eval")
            self.modes.evaluation_set(self.session.place())
            self._evaluate()

    def _evaluate(self) -> None:
        """An evaluation pass may begin. Its calls of loss functions are always heard; its comparisons, which take the
        function mode to be seen, if there is time, and in a trial."""
        self._evaluating = True
        self._wake()
        self._passes += 1
        self.modes.pass_begins()
        self.pairs.begin_pass()
        self.losses.listening = True
        due = self._passes <= FIRST_PASSES or self.session.in_trial or self._pass_allowance.due(self._passes)
        if due and self.pairs.only_compared and not self.provenance.on:
            self._pass_allowance.begin(self._passes)
            self.provenance.start()

    # construction
    def _optimizer_made(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
        self.optimizers.made(optimizer, self._constructed(optimizer, "optimizer"))
        if self._look and not self.provenance.on:
            self.provenance.start()

    def _scheduler_made(self, scheduler: Any, optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
        self.schedules.made(scheduler, optimizer, self._constructed(scheduler, "scheduler"))
        self.optimizers.scheduled(optimizer, type(scheduler).__name__)

    def _dataset_made(self, dataset: TensorDataset, *tensors: torch.Tensor) -> None:
        place = self.session.places.constructor(dataset)
        for role, tensor in zip(("inputs", "targets"), tensors, strict=False):
            self.origins.keep(id(dataset), role, place, *same(tensor))

    def _constructed(self, thing: Any, kind: str) -> Place | None:
        """The line that asked for `thing`, of which a constructor is running."""
        place = self.session.places.constructor(thing)
        self.session.site(kind, place, type(thing).__name__)
        return place

    def _site(self, kind: str) -> None:
        if self._look or self.provenance.on:
            self.session.site(kind, self.session.place())

    def summary(self) -> Iterable[Any]:
        self.pairs.flush()
        self.data.count_epochs()
        self._wake()
        self.curve.read()
        if self.session.metric.in_pass:
            self.pairs.end_pass()
        for key, facts in self.optimizers.facts(self.model.trainable()):
            yield replace(facts, schedule=self.schedules.of(key), **self.gradients.counts(key))

    # wrapping
    def _after(self, cls: type, name: str, hook: Callable[..., Any], first: bool = False) -> None:
        """Call `hook` after (or before) each call of a method."""
        method = getattr(cls, name)
        session = self.session

        @wraps(method)
        def hooked(*args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling() or session.closed_to("torch"):
                return method(*args, **kwargs)
            if first:
                with session.budget:
                    hook(*args, **kwargs)
                return method(*args, **kwargs)
            result = method(*args, **kwargs)
            with session.budget:
                hook(*args, **kwargs)
            return result

        self._replaced.put(cls, name, hooked)

    def _noting(self, function: Callable[..., Any], kind: str) -> Callable[..., Any]:
        @wraps(function)
        def noted(*args: Any, **kwargs: Any) -> Any:
            if self._look and not self.session.closed_to("torch"):
                with self.session.budget:
                    self.session.site(kind, self.session.place())
                    self._called.add(kind)
            return function(*args, **kwargs)

        return noted

    def _watch_loaders(self) -> None:
        following, data, session, provenance = _BaseDataLoaderIter.__next__, self.data, self.session, self.provenance
        asleep = self._asleep

        @wraps(following)
        def next_batch(self: Any) -> Any:
            if session.closed_to("torch"):
                return following(self)
            try:
                if provenance.on:
                    with provenance.paused():
                        batch = following(self)
                else:
                    batch = following(self)
            except StopIteration:
                with session.budget:
                    data.exhausted(self._dataset)
                raise
            if asleep.left:
                asleep.log.append([self._dataset])
            else:
                data.yielded(self._dataset)
            return batch

        self._replaced.put(_BaseDataLoaderIter, "__next__", next_batch)

    def _watch_compile(self) -> None:
        compile_ = torch.compile

        @wraps(compile_)
        def compile(*args: Any, **kwargs: Any) -> Any:
            with self.session.budget:
                place = self.session.place()
                self.session.site("compile", place)
                self.session.event("blind", "what torch.compile fuses is seen from outside only", place)
            return compile_(*args, **kwargs)

        self._replaced.put(torch, "compile", compile)


def _signal(primary: bool) -> str:
    return "loss" if primary else "loss/second"


__all__ = ["install"]
