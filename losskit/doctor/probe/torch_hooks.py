"""The probe on PyTorch: follows backward and the optimizers of a script, and looks closely at some of the steps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from losskit.doctor.probe.origins import Origins
from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.seeds import shifted
from losskit.doctor.probe.session import FOLLOWED, Allowance, Session
from losskit.doctor.probe.stopping import note_epochs
from losskit.doctor.probe.torch_activations import Activations
from losskit.doctor.probe.torch_asleep import Asleep
from losskit.doctor.probe.torch_axes import Axes
from losskit.doctor.probe.torch_constructions import Constructions
from losskit.doctor.probe.torch_curve import Curve
from losskit.doctor.probe.torch_data import Data, Pairs
from losskit.doctor.probe.torch_gradients import Gradients
from losskit.doctor.probe.torch_handmade_steps import HandmadeSteps
from losskit.doctor.probe.torch_loaders import watch_loaders
from losskit.doctor.probe.torch_losses import Losses
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_modes import ModeWatch
from losskit.doctor.probe.torch_numbers import Numbers, watch_precision
from losskit.doctor.probe.torch_optimizers import Optimizers
from losskit.doctor.probe.torch_passes import Moment, Passes
from losskit.doctor.probe.torch_penalty import note_penalties
from losskit.doctor.probe.torch_policy import note_policy_sign
from losskit.doctor.probe.torch_provenance import Provenance
from losskit.doctor.probe.torch_schedules import Schedules
from losskit.doctor.probe.torch_updates import Updates
from losskit.doctor.probe.untouched import audited

BLIND_TO_FUNCTIONS = "the training differentiates with torch.func: its losses and steps were not seen"
TRAINED = 20  # steps of an optimizer after which another model's begins another training: fewer are an inner loop's
PART_OF_PAIRS = 1 / 8  # of the budget may go to predictions of steps not looked at; they cost twice what is seen of it


def install(session: Session) -> None:
    """Hook the freshly imported torch."""
    if session.seed_offset is not None:
        torch.manual_seed(session.seed_offset)
        torch.manual_seed = shifted(torch.manual_seed, session.seed_offset)
        torch.random.manual_seed = torch.manual_seed
        torch.save = audited(torch.save)
    Hooks(session).install()


class Hooks:
    """What is called when the script calls torch.

    Most steps are not looked at: then the hooks on modules and operations are off, and of the others only a log is
    kept. What is called in every step and need not be is put back when its lines are known. `before` followed the
    training that is over.
    """

    def __init__(self, session: Session, before: Hooks | None = None) -> None:
        self.session = session
        self._others = tuple(session.summaries)
        self.provenance = Provenance(session)
        self.origins = Origins(session, before and before.origins)
        self.model = Model(session, self.provenance, self.origins, before and before.model)
        self.updates = Updates(session, self.model)
        self.data = Data(session, self.origins)
        self.numbers = Numbers(session, self.provenance)
        self.gradients = Gradients(session, self.provenance, self.model)
        self.pairs = Pairs(session, self.provenance, self.model, self.data, self.origins)
        self.modes = ModeWatch(session, self.model, self.pairs)
        self.losses = Losses(session, self.provenance, self.model, self.pairs)
        HandmadeSteps(session, self.provenance)
        Activations(session, self.provenance, self.model)
        Axes(session, self.provenance, self.model)
        self.schedules, self.optimizers = Schedules(session), Optimizers()
        self.curve = Curve(session, self._diverged)
        self._now = Moment()
        self._asleep = Asleep(session)
        self._passes = Passes(session, self._now, self.provenance, self.losses, self.pairs, self.modes, self._wake)
        self._constructions = Constructions(
            session,
            self.model,
            self.optimizers,
            self.schedules,
            self.origins,
            self._optimizer_made,
            self._grown,
            self._another,
        )
        self._called: set[str] = set()  # kinds of calls whose lines are known
        self._noted = {"zero_grad": Replaced(), "clip": Replaced()}  # then put back
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
        self._ours = tuple(one for one in session.summaries if one not in self._others)
        session.stops["torch"] = self.stop
        self.losses.wrap_all()
        replaced = self._replaced
        replaced.hook(register_optimizer_step_pre_hook(self._stepping))
        replaced.hook(register_optimizer_step_post_hook(self._stepped))
        replaced.put(torch.autograd, "backward", self._around_backward(torch.autograd.backward))
        replaced.put(torch.autograd, "grad", self._around_grad(torch.autograd.grad))
        for name in ("grad", "grad_and_value"):
            replaced.put(torch.func, name, self._blind_to(getattr(torch.func, name)))
        self._constructions.watch(replaced)
        self._passes.watch(replaced)
        for cls in (Optimizer, nn.Module):
            self._noted["zero_grad"].put(cls, "zero_grad", self._noting(cls.zero_grad, "zero_grad"))
        self.schedules.watch(replaced)
        for name in ("clip_grad_norm_", "clip_grad_value_"):
            function = self._noting(getattr(nn.utils, name), "clip")
            self._noted["clip"].put(nn.utils, name, function)
            self._noted["clip"].put(nn.utils.clip_grad, name, function)
        watch_loaders(session, replaced, self.data, self.provenance, self._asleep)
        replaced.put(torch.amp.GradScaler, "scale", self.curve.watch(torch.amp.GradScaler.scale))
        replaced.put(torch, "compile", self._around_compile(torch.compile))
        watch_precision(session, replaced)
        self.modes.watch(replaced)
        self.model.look(True)

    def stop(self) -> None:
        """See nothing more: another framework trains (Keras, on torch), or another training is followed."""
        self.session.summaries = [one for one in self.session.summaries if one not in self._ours]
        self.model.look(False)
        self.modes.let_go()
        self.provenance.stop()
        self.losses.listening = False
        self.losses.unwrap_all()
        for replaced in (self._replaced, *self._noted.values()):
            replaced.restore()

    # steps
    def _stepping(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self._now.in_step = True
        if not self._now.looked_at:
            return
        with self.session.budget:
            if self.session.closed or not self.session.claim("torch"):
                return
            if self.optimizers.primary is None:
                self.optimizers.primary = id(optimizer)
            self._site("step")
            if self.session.step == 0:
                note_epochs(self.session, sys._getframe())
            self.updates.before(optimizer, id(optimizer) == self.optimizers.primary)
            if self.provenance.on and len(args) == 1 and not kwargs:  # no closure: no forward in it
                self.provenance.stop()

    def _stepped(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self._now.in_step = False
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
            if self._now.looked_at:
                self.updates.after()
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
        if self.curve.known or (self._now.looked_at and self.curve.waits):
            self.curve.read()
        self._passes.step_ended()
        self.pairs.stepped()
        self._pair_allowance.end()
        look = self.session.stepped()  # of a loss that the script wrote nothing is heard otherwise
        self._set_look(look or (self.session.in_trial and self.losses.by_hand and not self.session.metric.held_out))
        counted = self.losses.listening or not self.optimizers  # a step made by hand ends with a backward
        self._asleep.begin(0 if counted else self.session.budget.uncounted())

    def _set_look(self, look: bool) -> None:
        self.losses.listening = look or self._pairs_due()
        if not look and not self._now.looked_at and not self.provenance.on:
            return
        self._now.looked_at = look
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
                again = self._now.in_step and self._asleep.log and type(self._asleep.log[-1]) is not tuple
                if again or self._asleep.backward(value):  # of a closure's calls in one step the first counts
                    return function(tensors, *args, **kwargs)
            if self._now.in_backward or torch.compiler.is_compiling():
                return function(tensors, *args, **kwargs)
            with self.session.budget:
                self._before_backward(value)
            self._now.in_backward = True
            try:
                return function(tensors, *args, **kwargs)
            finally:
                self._now.in_backward = False
                if self._now.looked_at or not self.optimizers:
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
        if self._now.looked_at:
            self.gradients.before_backward(value, self.optimizers)
        if self._now.looked_at and self.provenance.on:
            self._site("backward")
            self.losses.trained_on(value)
            note_penalties(self.session, self.provenance.node(value))
            note_policy_sign(self.session, self.provenance.node(value))

    def _add_loss(self, value: torch.Tensor) -> None:
        if self._now.in_step and self.curve.begun:
            return  # of the calls of a closure in one step the first counts
        if not self.curve.add(value):
            self.numbers.broke(value)
            self.losses.non_finite(value)

    def _after_backward(self) -> None:
        """A script without an optimizer makes its step by hand after each backward."""
        if self.session.closed_to("torch"):
            return
        if self._now.looked_at:
            self.gradients.after_backward()
        if not self.optimizers and self.session.framework == "torch":
            if self.session.step == 0:
                note_epochs(self.session, sys._getframe())
            self._end_step(True)
        elif not self.provenance.on and self._now.looked_at:
            self.provenance.start()

    def _optimizer_made(self) -> None:
        if self._now.looked_at and not self.provenance.on:
            self.provenance.start()

    def _another(self, optimizer: Optimizer) -> bool:
        """Whether the optimizer that was made begins another training: if so, other hooks follow it, and these end."""
        session = self.session
        if self.optimizers.primary is None or session.framework != "torch" or session.trainings == FOLLOWED:
            return False
        self._wake()
        parameters = (parameter for group in optimizer.param_groups for parameter in group["params"])
        if self.optimizers.steps < TRAINED:
            return False
        another = self.model.is_another(parameters)
        if another is None:  # copies that one line trains, one after another, are tries of one thing
            another = session.places.constructor(optimizer) not in self.optimizers.places
        if not another:
            return False
        self.pairs.stepped()  # an evaluation pass is over, too
        session.restart()
        self.stop()
        following = Hooks(session, self)
        following.install()
        following._constructions.optimizer(optimizer)
        return True

    def _grown(self) -> None:
        """Look at the coming step: the model in it is another one."""
        busy = self._now.in_step or self._now.in_backward or self._now.looked_at
        if self.session.step and not busy and not self.session.closed_to("torch"):
            self._wake()
            self._set_look(True)

    def _site(self, kind: str) -> None:
        if self._now.looked_at or self.provenance.on:
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

    def _noting(self, function: Callable[..., Any], kind: str) -> Callable[..., Any]:
        @wraps(function)
        def noted(*args: Any, **kwargs: Any) -> Any:
            if self._now.looked_at and not self.session.closed_to("torch"):
                with self.session.budget:
                    self.session.site(kind, self.session.place())
                    self._called.add(kind)
            return function(*args, **kwargs)

        return noted

    def _around_compile(self, compile_: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(compile_)
        def compile(*args: Any, **kwargs: Any) -> Any:
            with self.session.budget:
                place = self.session.place()
                self.session.site("compile", place)
                self.session.event("blind", "what torch.compile fuses is seen from outside only", place)
            return compile_(*args, **kwargs)

        return compile


def _signal(primary: bool) -> str:
    return "loss" if primary else "loss/second"


__all__ = ["install"]
