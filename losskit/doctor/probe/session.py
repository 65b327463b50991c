"""One watched run: where facts go, which step it is, what watching has cost so far."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Any

from losskit.doctor.probe.constants import beyond_half
from losskit.doctor.probe.metric import TaskMetric
from losskit.doctor.probe.places import Places
from losskit.doctor.syntax import parsed
from losskit.recording.facts import Event, Place, Progress, Restart, Site
from losskit.recording.file import Recorder

WARM_UP = 10  # steps that are always looked at
SHARE = 0.012  # of the training time after them that looking may take, which leaves something for counting steps
SHARE_OF_SHORT_STEPS = 0.02  # the same when a step takes less than SHORT seconds
SHORT = 1e-3
GROWTH = 2  # a run that has grown by this factor is looked at again if that takes OVERDUE of the time since at most
OVERDUE = 0.05
YOUNG = 1.0  # seconds of training; until then, of which no share is worth much, it is these:
GROWTH_OF_YOUNG, OVERDUE_OF_YOUNG = 1.3, 0.05
ASKED_EVERY, ASKED_SHARE = 0.1, 0.01  # seconds, or share of the time until now if that is more, between two times
# that a step is more than counted
PART_UNASKED = 1 / 8  # of the steps until now, at most
UNWATCHED = 5e-6  # what counting a step takes (measured), which is too short to be timed itself
SEEN_AT_LEAST = 1 / 3  # of what a look costs is seen by the probe's own clock; the rest is torch going slower
REMEMBERED = 3  # costs; the least of them is what the next time is expected to cost: others were interrupted
FOLLOWED = 4  # trainings of a script, one after another; a search over settings makes any number
SUMMARY_SECONDS = 1.0  # how often what changes is written again, so that a killed run leaves it; less often when
SUMMARY_SHARE = 0.002  # that would take more than this part of the time


class Budget:
    """Times the watching, and says when another look at a step is affordable.

    Used as ``with session.budget:`` around everything a hook does: it adds the time to `spent`, and turns an error of
    the hook into an event, so that watching never breaks the run. May be nested; the outermost counts.
    """

    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        self.spent = 0.0  # since training began
        self.warm_up_seconds = self.warm_up_spent = 0.0  # when the warm-up was over; 0: it is not
        self._on_error = on_error
        self._depth = 0
        self._entered = self._last = 0.0
        self._began: float | None = None
        self._steps = 0
        self._stepped_at = 0.0
        self._plain: deque[float] = deque(maxlen=REMEMBERED)  # seconds of a step, over times without a look
        self._looks = Allowance(self)

    def __enter__(self) -> Budget:
        if self._depth == 0:
            self._entered = time.perf_counter()
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._depth -= 1
        if self._depth == 0:
            self._last = time.perf_counter()
            self.spent += self._last - self._entered
        if isinstance(error, Exception):
            self._on_error(error)
            return True
        return False

    @property
    def spent_by_now(self) -> float:
        """`spent`, with what is being spent at this moment."""
        return self.spent + (time.perf_counter() - self._entered if self._depth else 0.0)

    @property
    def watching(self) -> bool:
        """Whether the code that runs now is the probe's own."""
        return self._depth > 0

    @property
    def training_seconds(self) -> float:
        """Wall time from `begin` to the last thing that was seen of training or evaluation."""
        return 0.0 if self._began is None else self._last - self._began

    def begin(self) -> None:
        """Training starts here; what watching cost until now was preparation."""
        if self._began is None:
            self._began = self._last = time.perf_counter()
            self.spent = 0.0

    def restart(self) -> None:
        """Another training begins, with a warm-up of its own."""
        self.spent = self.warm_up_seconds = self.warm_up_spent = 0.0
        self._began, self._steps, self._looks = None, 0, Allowance(self)
        self._plain.clear()

    def stepped(self, steps: int) -> bool:
        """So many steps have ended, the last ones maybe uncounted; returns whether the next one shall be looked at.

        The first WARM_UP are; then those that the budget pays for, whatever it was spent on until now; and one when
        the run has doubled since, if that alone is cheap: a hook that was interrupted must not blind a short run.
        """
        self.begin()
        self._account(steps)
        self._looks.end()
        if steps == WARM_UP:
            self.warm_up_seconds, self.warm_up_spent = time.perf_counter() - (self._began or 0.0), self.spent
        look = steps < WARM_UP or self._looks.due(steps, self.spent - self.warm_up_spent)
        if look:
            self._looks.begin(steps)
        return look

    def _account(self, steps: int) -> None:
        """A step that was looked at has cost what it took longer than others do, of which the probe's own clock sees a
        part only: every operation under a function mode is slower. Something else may have come between, though."""
        now = time.perf_counter()
        count, seconds = steps - self._steps, now - self._stepped_at
        self._steps, self._stepped_at = steps, now
        self.spent += UNWATCHED * (count - 1)
        if not self._looks.open:
            if count > 0:
                self._plain.append(seconds / count)
        elif self._plain:
            seen = self._looks.spent_since
            self.spent += max(min(seconds - min(self._plain), seen / SEEN_AT_LEAST) - seen, 0.0)

    def uncounted(self) -> int:
        """How many steps may pass before the next call of `stepped`."""
        if self._began is None or self._steps <= WARM_UP:
            return 0
        since = time.perf_counter() - self._began - self.warm_up_seconds
        return int((self._steps - WARM_UP) * min(max(ASKED_EVERY / since, ASKED_SHARE), PART_UNASKED))

    def allowed(self) -> float:
        """Seconds that watching may have taken since the warm-up; none before it is over."""
        if self._began is None or self._steps <= WARM_UP:
            return 0.0
        since = time.perf_counter() - self._began - self.warm_up_seconds
        unwatched = since - (self.spent - self.warm_up_spent)
        return unwatched * (SHARE_OF_SHORT_STEPS if unwatched < SHORT * (self._steps - WARM_UP) else SHARE)


class Allowance:
    """How often one kind of watching may be done: its times are counted by the caller, and what they cost is measured.

    `part` of the budget may be spent on it.
    """

    def __init__(self, budget: Budget, part: float = 1.0) -> None:
        self.spent = 0.0
        self.open = False  # between `begin` and `end`
        self._budget, self._part = budget, part
        self._costs: deque[float] = deque(maxlen=REMEMBERED)
        self._count, self._ended, self._spent_before = 0, 0.0, 0.0

    def due(self, count: int, spent: float | None = None) -> bool:
        """Whether it may be done at the time of that number, after `spent` (default: on itself)."""
        cost = min(self._costs, default=0.0)
        if (self.spent if spent is None else spent) + cost <= self._part * self._budget.allowed():
            return True
        young = self._budget.training_seconds < YOUNG
        growth, overdue = (GROWTH_OF_YOUNG, OVERDUE_OF_YOUNG) if young else (GROWTH, OVERDUE)
        return count >= growth * self._count and cost <= overdue * (time.perf_counter() - self._ended)

    def begin(self, count: int) -> None:
        self.open, self._count, self._spent_before = True, count, self._budget.spent_by_now

    @property
    def spent_since(self) -> float:
        """What was spent since `begin`."""
        return self._budget.spent_by_now - self._spent_before

    def end(self) -> None:
        """What was begun is over; nothing where nothing was."""
        if not self.open:
            return
        cost = self.spent_since
        self.open, self._ended = False, time.perf_counter()
        self.spent += cost
        self._costs.append(cost)


class Session:
    """What the probe's parts share.

    A framework's module has one function `install(session)`, called right after the script imported that framework;
    from then on its hooks write facts and signals here. `step` is the number of optimizer steps done.
    `claim("torch")` is true for the framework that trains: the first that asked.
    """

    def __init__(
        self, recording: str | os.PathLike[str], script: str | os.PathLike[str], seed_offset: int | None = None
    ) -> None:
        self.recorder = Recorder(recording)
        self.places = Places(script)
        self.budget = Budget(self._hook_failed)
        self.seed_offset = seed_offset
        self.in_trial = seed_offset is not None  # the metric decides: every prediction that it is made of is wanted
        self.metric = TaskMetric()
        self.progress = Progress()
        self.step, self.trainings = 0, 1
        self.framework: str | None = None
        self.versions: dict[str, str] = {}
        self.summaries: list[Callable[[], Iterable[Any]]] = [self._own_summary]
        self.conclusions: list[Callable[[], Iterable[Any]]] = []  # what is told of a training when it is over
        self.restarts: list[Callable[[], None]] = []  # what forgets a training that is over
        self.stops: dict[str, Callable[[], None]] = {}  # framework → what ends its watching
        self.closed = False
        self._written: dict[object, Any] = {}
        self._summary_due = time.perf_counter() + SUMMARY_SECONDS
        os.register_at_fork(before=self.recorder.flush, after_in_child=self._forked)

    # what is said
    def fact(self, fact: Any) -> None:
        """Write a fact, unless it says nothing new about what it is about."""
        if self.closed or fact is None:
            return
        if not isinstance(fact, Event):
            about = ("name", "kind", "place", "function", "phase")
            identity = (type(fact), *(getattr(fact, name, None) for name in about))
            if self._written.get(identity) == fact:
                return
            self._written[identity] = fact
        self.recorder.fact(fact)
        self.recorder.flush()

    def facts(self) -> list[Any]:
        """What was said so far, each as it was last."""
        return [fact for fact in self._written.values() if fact is not True]

    def measure(self, name: str, value: float, step: int | None = None) -> None:
        """Add a value to a signal, at this step unless another is named."""
        if not self.closed:
            self.recorder.measure(name, self.step if step is None else step, value)

    def measure_all(self, name: str, points: Iterable[tuple[int, float]]) -> None:
        """Add (step, value) pairs to a signal."""
        if not self.closed:
            self.recorder.measure_all(name, points)

    def event(self, kind: str, message: str, place: Place | None = None, once: bool = True, **data: Any) -> None:
        """Write an event; with `once`, the same kind and message at the same place are written a single time."""
        identity = (Event, kind, message, place)
        if once and identity in self._written:
            return
        self._written[identity] = True
        self.fact(Event(kind, message, self.step, place, data))

    def site(self, kind: str, place: Place | None, detail: str = "") -> bool:
        """Write where something stands; returns whether that was new."""
        if place is None or (Site, kind, place, detail) in self._written:
            return False
        self._written[Site, kind, place, detail] = True
        self.fact(Site(kind, place, detail))
        if kind == "precision" and detail.endswith("float16") and not detail.endswith("bfloat16"):
            self._note_constants(place)
        return True

    def _note_constants(self, chosen: Place) -> None:
        """The numbers that float16 cannot hold, in the file that chooses it."""
        tree = parsed(self.places.path(chosen))
        for line, number in beyond_half(tree) if tree is not None else ():
            self.site("constant", replace(chosen, line=line), number)

    def place(self) -> Place | None:
        """The user's line that is running now."""
        return self.places.here(sys._getframe(1))

    # how far the run is
    def claim(self, framework: str) -> bool:
        """Whether this framework is the one that trains; the first to ask is, and the others stop watching."""
        if self.framework is None:
            self.framework = framework
            for other, stop in self.stops.items():
                if other != framework:
                    stop()
        return self.framework == framework

    def closed_to(self, framework: str) -> bool:
        """Whether this framework has nothing to record: the run is over, or another one trains (Keras on torch)."""
        return self.closed or self.framework not in (None, framework)

    def stepped(self) -> bool:
        """Count an optimizer step; returns whether the next one shall be looked at."""
        self.step += 1
        if time.perf_counter() > self._summary_due:
            self.summarise()
        return self.budget.stepped(self.step)

    def summarise(self) -> None:
        """Write what has changed since it was last written."""
        began = time.perf_counter()
        with self.budget:
            for summary in self.summaries:
                for fact in summary():
                    self.fact(fact)
            self.recorder.flush()
        now = time.perf_counter()
        self._summary_due = now + max(SUMMARY_SECONDS, (now - began) / SUMMARY_SHARE)

    def conclude(self) -> None:
        """The training is over: write all that is to be said of it."""
        self.summarise()
        with self.budget:
            for conclusion in self.conclusions:
                for fact in conclusion():
                    self.fact(fact)

    def restart(self) -> None:
        """The script trains another model from here on: begin anew, with step 0."""
        self.conclude()
        self.fact(Restart())
        self._written.clear()
        self.step, self.metric, self.progress = 0, TaskMetric(), Progress()
        self.trainings += 1
        self.budget.restart()
        for forget in self.restarts:
            forget()

    def close(self) -> None:
        """Nothing is recorded after this."""
        self.closed = True
        self.recorder.close()

    def _own_summary(self) -> Iterable[Any]:
        self.progress = replace(self.progress, steps=self.step)
        yield self.progress
        yield self.metric.fact()

    def _hook_failed(self, error: BaseException) -> None:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        code = where.tb_frame.f_code if where is not None else None
        at = f" in {os.path.basename(code.co_filename)}:{where.tb_lineno}" if code and where else ""
        self.event("blind", f"the probe could not follow this run: {type(error).__name__}: {error}{at}")

    def _forked(self) -> None:
        """A worker process of the script: it is not watched, and what the parent buffered is not its to write."""
        self.closed = True


__all__ = ["Allowance", "Budget", "Session"]
