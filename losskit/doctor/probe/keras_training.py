"""The training of one Keras model, told in facts and signals: what `fit`, `train_on_batch` and `evaluate` do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import CodeType
from typing import Any

from losskit.doctor.probe.formulas import formula_line
from losskit.doctor.probe.keras_arrays import (
    array_of,
    first_pair,
    of_prediction,
    row_count,
    several,
    size,
    unpacked,
)
from losskit.doctor.probe.keras_facts import CompileCall, ModelFacts
from losskit.doctor.probe.keras_looks import Looks
from losskit.doctor.probe.keras_steps import ENTRIES, Hear
from losskit.doctor.probe.keras_weights import LeftGradients
from losskit.doctor.probe.samples import Samples
from losskit.doctor.probe.session import WARM_UP, Allowance, Session
from losskit.recording.facts import Event, Place

UNHEARD = (
    "the training runs a step of its own, or with a setting that Keras cannot be overheard in (jit_compile on torch, "
    "steps_per_execution or several replicas on TensorFlow): the losses and predictions of its batches were not seen"
)
UNKNOWN = "the train_step computes a loss that was not recognised: of its predictions and targets nothing is told"
HELD_OUT = "held out"
NO_RATE = 0.01  # of its peak: where it goes from there changes nothing
GROUP = 64  # steps whose numbers are read together: reading waits for the step to be computed
PART_OF_PAIRS = 1 / 8  # of the budget may go to predictions and targets of steps that are not looked at
LEAVING = {"jax": 15e-6}  # seconds that what leaves a step costs, measured on 2 CPU cores
COMPILATIONS = 2  # of a step: the last batch of an epoch may have another shape
HEARD_OF_SLEEP = 1 / 16  # of the steps that are only counted, where the others leave nothing
READ_EVERY = 8  # such steps one loss is read, which takes 20 µs, or less often: GROUP of a longer sleep
ALWAYS_READ = 256  # first steps, whose losses and pairs are all read: of a short run everything counts


class Training:
    """Follows the first model that is trained; of any other it says that it was not followed."""

    def __init__(self, session: Session, backend: str, facts_of: Callable[[Any], ModelFacts]) -> None:
        self.session, self.backend = session, backend
        self.left_gradients: LeftGradients | None = None  # on torch
        self._facts_of = facts_of
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Nothing is followed yet."""
        self.facts: ModelFacts | None = None
        self.looks: Looks | None = None
        self.inside = False  # a step of Keras's loops runs
        self.phase = ""  # of that step: train or test
        self.validating = False  # the batches evaluated now are held out
        self._pending: list[tuple[int, bool, dict[str, Any]]] = []  # (step, looked at, heard)
        self._asleep = 0  # coming steps that are only counted
        self._read_every = 1  # of them, how often the loss is read
        self._last_asleep = 0  # of these, heard in any case
        self._pays: bool | None = None  # a second compiled step
        self._held_out: list[dict[str, Any]] = []
        self._held_out_loss: list[tuple[float, int]] = []  # (mean over the batch, rows)
        self._last_rate: tuple[int, float] | None = None  # (step, rate)
        self._peak_rate = 0.0
        self._batch: tuple[Any, Any, Any] | None = None  # the last one
        self._rows = 0  # trained on in the first epoch
        self._group = GROUP
        self._paired = True  # the predictions and targets of this group of steps are read
        self._pair_allowance = Allowance(self.session.budget, PART_OF_PAIRS)
        self._first_epoch = True
        self._samples = Samples()
        self._held_out_sampled = False  # a whole pass
        self.handed: set[int] = set()  # variables that the script hands to an optimizer itself
        self._own_step = False  # of the script, without compute_loss
        self._own_place: Place | None = None  # where it takes the gradient
        self._formula: Place | None = None  # and where it writes down of what

    def forget(self) -> None:
        """That training is over, and another model will be followed."""
        self._begin_anew()
        if self.left_gradients is not None:
            self.left_gradients.forget()

    def follows(self, model: Any) -> bool:
        """Whether this is the model whose training is recorded."""
        if self.facts is None:
            if not self.session.claim("keras"):
                return False
            self.facts = self._facts_of(model)
            self.looks = self._looks_at(self.facts)
            if self._summary not in self.session.summaries:
                self.session.summaries.insert(0, self._summary)  # before the metric is told
                if self.left_gradients is not None:
                    self.left_gradients.watch(self)
        if self.facts.model is not model:
            self.session.event("blind", f"another model ({model.name}) is trained too, which is not diagnosed")
        return self.facts.model is model

    def _looks_at(self, facts: ModelFacts) -> Looks:
        return Looks(self.session, self.backend, facts.model, facts.called)

    # one step of Keras's loops
    def begins(self, model: Any, phase: str, arguments: tuple[Any, ...]) -> None:
        self.phase = phase
        if phase != "train" or not self.follows(model) or self.looks is None:
            return
        if self.facts is not None and not self.facts.begun:  # train_on_batch, which no callback hears of
            with self.session.budget:
                self.facts.begin()
        self.session.budget.begin()
        if not self.looks.wanted:
            return
        batch, state = self._batch, ()
        if self.backend == "jax":
            state, drawn = arguments
            batch = unpacked(drawn.peek())
        with self.session.budget:
            if self.backend == "torch":
                self.looks.watch()
            elif batch is not None:
                self.looks.recompute(batch, state)

    def differentiated(self, code: CodeType, line: int) -> None:
        if not self._own_step:
            self._own_step, self._own_place = True, self.session.places.in_code(code, line)
            self._formula = self.session.places.in_code(code, formula_line(code.co_filename, line))
            self.session.site("backward", self._own_place)
            if self.looks is not None:
                self.looks.is_unknown()

    def ended(self, model: Any, phase: str, heard: dict[str, Any], output: Any) -> None:
        if self.facts is None or self.looks is None or self.facts.model is not model:
            return
        with self.session.budget:
            if phase == "test":
                self._evaluated(heard)
            else:
                self._trained(heard, self.looks.ended(output[1] if self.backend == "jax" else ()))
        if phase == "train":
            self.looks.stepped()
            self._asleep = self.session.budget.uncounted() if self._may_sleep() else 0
            self._last_asleep = math.ceil(HEARD_OF_SLEEP * self._asleep)
            all_read = self._pays or self.session.step < ALWAYS_READ
            listened, least = (self._last_asleep if self._pays else self._asleep), (1 if all_read else READ_EVERY)
            self._read_every = max(least, -(-listened // GROUP))

    def sleeps(self, model: Any) -> bool:
        return self._asleep > 0 and self.facts is not None and self.facts.model is model

    def unheard(self, compiled_in: float) -> bool:
        """Whether it pays to compile the step once more; the last steps of a sleep are heard, whatever it costs."""
        if self._asleep <= self._last_asleep:
            return False
        if self._pays is None:
            progress = self.session.progress
            epochs = progress.epochs or 1
            coming = self.session.step / epochs * max((progress.planned_epochs or 0) - epochs, 0)
            self._pays = coming * LEAVING.get(self.backend, 0.0) > COMPILATIONS * compiled_in
        return self._pays

    def slept(self, hear: Hear) -> None:
        session = self.session
        if self._asleep % self._read_every == 0 and "loss" in (heard := hear("loss")):
            self._pending.append((session.step, False, {"loss": heard["loss"]}))
        self._asleep -= 1
        session.step += 1

    def _may_sleep(self) -> bool:
        """Whether the coming steps can do without being looked at: compiled ones, of which the loss alone is wanted."""
        if self.backend == "torch" or self._first_epoch or self.session.in_trial or self._own_step:
            return False
        return self.looks is not None and not self.looks.wanted and not self._wants_pairs()

    def _trained(self, heard: dict[str, Any], looked: bool) -> None:
        assert self.facts is not None
        assert self.looks is not None
        step = self.session.step
        self.facts.trained()
        self._batch = (heard.pop("inputs", None), heard.get("target"), heard.pop("weight", None))
        if "loss" not in heard:
            self.session.event("blind", UNHEARD)
        if looked or step < WARM_UP:
            self.facts.inputs_seen(self._batch[0])
            self.facts.weights_seen(self._batch[2])
            self._sample(self._batch[0], self._batch[1])
        if looked:
            self._rate()
        if self._first_epoch and "prediction" in heard:
            self._count(heard["prediction"])
        if not (looked or self._wants_pairs()):
            heard = {"loss": heard["loss"]} if "loss" in heard else {}
        self._pending.append((step, looked, heard))
        if step < WARM_UP:
            self._read(self._pending)
        elif len(self._pending) > self._group:
            self._read(self._pending[:-1])  # the last one may still be being computed
            self._pair_allowance.end()
            self._paired = self._pair_allowance.due(step)
            if self._paired:
                self._pair_allowance.begin(step)

    def _wants_pairs(self) -> bool:
        """Whether predictions and targets of a step that is not looked at are read: those of the first epoch tell what
        the data are like, and the metric lives on them while nothing is held out."""
        if not (self._first_epoch or self.session.metric.validation_source is None):
            return False
        return self._paired or self.session.in_trial or self.session.step < ALWAYS_READ

    def _sample(self, inputs: Any, target: Any) -> None:
        pair = None if self._samples.full else first_pair(inputs, target)
        if pair is not None:
            self._samples.trained(*pair, several=several(inputs))

    def _count(self, prediction: Any) -> None:
        count = row_count(prediction)
        self._rows += count
        if self.session.progress.batch_size is None:
            self.session.progress = replace(self.session.progress, batch_size=count)
            self._group = max(min(GROUP, ENTRIES // max(size(prediction), 1)), 1)

    def _read(self, entries: list[tuple[int, bool, dict[str, Any]]]) -> None:
        """Bring what left the steps to the recording; only here the arrays are waited for."""
        if not entries:
            return
        self._pending = self._pending[len(entries) :]
        assert self.facts is not None
        for step, _, heard in entries:
            if self._own_step and not self.facts.own_step(heard, self._formula):
                heard.pop("prediction", None)  # of what, is not known
                self.session.event("blind", UNKNOWN, self._own_place)
            if "loss" in heard:
                self._loss(step, float(array_of(heard["loss"])), heard)
        seen = [heard for _, _, heard in entries if "prediction" in heard and "target" in heard]
        look = any(looked for _, looked, _ in entries) or entries[-1][0] < WARM_UP
        batch = self.facts.losses_fed(seen, look, self._first_epoch or look)
        if batch is None:
            return
        prediction, target, scores = batch
        value = self.session.metric.train_on(prediction, target, scores)
        if value is not None:
            self.session.measure("metric", value, entries[-1][0])
        if look:
            for name, number in of_prediction(prediction):
                self.session.measure(name, number, entries[-1][0])

    def _loss(self, step: int, value: float, heard: dict[str, Any]) -> None:
        self.session.measure("loss", value, step)
        if not math.isfinite(value) and self.facts is not None and not self.facts.non_finite:
            self.facts.non_finite = True
            self.session.fact(Event("non-finite", f"the loss is {value}", step, self.facts.loss_place))
            if self.facts.averages_nothing(heard):
                self.session.fact(Event("empty", "no target counts, and the loss is divided by 0", step))

    def _rate(self) -> None:
        rate = None if self.facts is None else self.facts.rate(self.session.step)
        if rate is not None:
            self._rate_at(self.session.step, rate)

    def _rate_at(self, step: int, rate: float) -> None:
        """Measure the rate. Where a schedule took it away since it was last measured, the steps between tell when."""
        since, last = self._last_rate or (step, None)
        middle = (since + step) // 2
        if last is not None and since < middle and self.facts is not None and self.facts.scheduled:
            low, high = sorted((last, rate))
            if high > max(2 * low, NO_RATE * self._peak_rate):
                self._rate_at(middle, self.facts.rate(middle) or 0.0)
                self._rate_at(step, rate)
                return
        if rate != last:
            self.session.measure("rate", rate, step)
        self._last_rate = step, rate
        self._peak_rate = max(self._peak_rate, rate)

    # one step of a loop that the script writes
    def by_hand_begins(self, model: Any, optimizer: Any) -> None:
        """The gradients are there, the update is to come."""
        self.session.budget.begin()
        if self.follows(model) and self.facts is not None and self.looks is not None:
            self.facts.trained_by(optimizer)
            if self.looks.wanted:
                self.looks.watch()

    def by_hand_ended(self, loss: Any, place: Place | None, heard: dict[str, Any]) -> None:
        """The weights are updated. `loss` is the loss object the script called at `place`, if it called one."""
        if self.facts is None or self.looks is None:
            return
        with self.session.budget:
            if self.validating:
                self.evaluation_ended(None)
            if loss is not None:
                self.facts.fed_by_hand(loss, place)
            self._trained(heard, self.looks.ended())
        self.looks.stepped()
        with self.session.budget:
            if self.looks.wanted:
                self.looks.watch()

    def evaluated_by_hand(self, heard: dict[str, Any]) -> None:
        if self.facts is not None:
            if not self.validating:
                self.evaluation_began()
            self._evaluated(heard)

    # what surrounds the steps
    def training_began(self, model: Any) -> None:
        """The weights are still those of the start, and can be read on every backend."""
        with self.session.budget:
            if self.follows(model) and self.facts is not None:
                self.facts.begin()

    def compiled_again(self, model: Any, call: CompileCall) -> None:
        """Another loss from here on, perhaps (first with frozen layers, then without)."""
        if self.facts is not None and self.facts.model is model:
            self.session.summarise()
            self._asleep, self._pays = 0, None
            self.facts.compiled_again(call)
            self.looks = self._looks_at(self.facts)  # what it has compiled is of the loss before

    def epoch_began(self, model: Any) -> None:
        with self.session.budget:
            if self.facts is not None and self.facts.model is model:
                self.facts.synchronised()
                self._rate()

    def epoch_ended(self, model: Any) -> None:
        with self.session.budget:
            if self.facts is None or self.facts.model is not model:
                return
            self._rate()
            if self._first_epoch:
                self._read(self._pending)
                self._first_epoch = False
            progress = self.session.progress
            samples = progress.training_samples or self._rows or None
            self.session.progress = replace(progress, epochs=(progress.epochs or 0) + 1, training_samples=samples)

    def _summary(self) -> Iterator[Any]:
        if self.validating:  # no step has followed
            self.evaluation_ended(None)
        self._read(self._pending)
        if self.facts is not None:
            counts = {} if self.left_gradients is None else self.left_gradients.counts()
            yield from self.facts.changing(counts, self.handed)
            yield self._samples.facts(HELD_OUT)

    # evaluation
    def evaluation_began(self) -> None:
        self.validating, self._held_out, self._held_out_loss = True, [], []

    def _evaluated(self, heard: dict[str, Any]) -> None:
        known = not self._own_step or (self.facts is not None and self.facts.own_known)
        if self.validating and known and "prediction" in heard:
            if not self._held_out_sampled and (pair := first_pair(heard.get("inputs"), heard.get("target"))):
                self._samples.evaluated(HELD_OUT, *pair)
            self._held_out.append(heard)
            if len(self._held_out) >= self._group:
                self._read_held_out()

    def _read_held_out(self) -> None:
        assert self.facts is not None
        entries, self._held_out = self._held_out, []
        self._held_out_loss += [
            (float(array_of(heard["loss"])), row_count(heard["prediction"])) for heard in entries if "loss" in heard
        ]
        batch = self.facts.joined([heard for heard in entries if "target" in heard])
        if batch is not None:
            self.session.metric.evaluate_on(*batch)

    def evaluation_ended(self, loss: float | None) -> None:
        """The pass is over. `loss` is what Keras made of it, used where its batches were not heard."""
        with self.session.budget:
            self._read_held_out()
            seen = sum(count for _, count in self._held_out_loss)
            if seen:
                loss = sum(value * count for value, count in self._held_out_loss) / seen
                self.session.progress = replace(self.session.progress, validation_samples=seen)
            value = self.session.metric.end_pass()
            if loss is not None:
                self.session.measure("validation/loss", loss)
            if value is not None:
                self.session.measure("validation/metric", value)
            self._held_out_sampled |= seen > 0
        self.validating = False


__all__ = ["Training"]
