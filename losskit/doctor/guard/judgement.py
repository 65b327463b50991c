"""What is to be done with a step, told from its loss and its gradient norm; no framework."""

from __future__ import annotations

import logging
import math
from collections import deque
from typing import Literal, NamedTuple

import numpy as np

from losskit.recording.facts import Event
from losskit.recording.recording import Recording

Action = Literal["step", "clip", "skip", "roll back"]

WINDOW = 64  # gradient norms that say what is usual
LEAST = 16  # of them are needed
BEGINNING = 8  # losses that say where the run began
FAR = 100.0  # times the very first loss: no noise of a batch, even while the run begins
MAD = 1.4826  # a normal distribution's standard deviation over its median absolute deviation
TENFOLD = math.log(10)

log = logging.getLogger("losskit.guard")


class Verdict(NamedTuple):
    """What to do, why (empty for an ordinary step), and the norm to clip the gradient to."""

    action: Action
    reason: str = ""
    norm: float | None = None


class Judgement:
    """Follows a run, and writes what it decided into a Recording and the log `losskit.guard`.

    A gradient norm is a spike when its logarithm lies `threshold` robust deviations above the median of the last 64,
    a deviation being at least a tenth of ln 10, so that less than ten times the usual norm is never touched. It is
    clipped as ZClip does (Kumar et al., arXiv 2504.02507): to threshold²/score deviations above the median, the nearer
    to the usual the wilder it was, and what is remembered is the clipped norm. ZClip itself clips at 2.5 deviations,
    which in a healthy run is one step of a hundred.
    A loss or norm that is not finite is skipped. After `patience` troubled steps within 64, or as many losses in a row
    above twice those of the beginning (or a hundred times the first), the run is rolled back.
    """

    def __init__(self, threshold: float, patience: int) -> None:
        self.threshold, self.patience = threshold, patience
        self.recording = Recording()
        self.steps = 0
        self._norms: deque[float] = deque(maxlen=WINDOW)
        self._troubled: deque[int] = deque(maxlen=patience)
        self._first: list[float] = []
        self._above = 0

    def of(self, loss: float, norm: float, overflow_is_usual: bool = False) -> Verdict:
        """The verdict on the next step. With `overflow_is_usual` (a scaled loss) a norm that is not finite is skipped
        without being counted as trouble."""
        step, self.steps = self.steps, self.steps + 1
        self.recording.measure("loss", step, loss)
        self.recording.measure("gradient_norm", step, norm)
        verdict = self._judge(loss, norm)
        harmless = verdict.action == "skip" and overflow_is_usual and math.isfinite(loss)
        if verdict.action in ("skip", "clip") and not harmless:
            self._troubled.append(step)
            if len(self._troubled) == self.patience and step - self._troubled[0] < WINDOW:
                verdict = Verdict("roll back", f"{verdict.reason}, trouble {self.patience} within {WINDOW} steps")
        if verdict.action != "step":
            self.note(f"{verdict.action}: {verdict.reason}", step)
        return verdict

    @property
    def calm(self) -> bool:
        """Whether nothing was wrong for as long as a window, so that the present state is worth keeping."""
        quiet = not self._troubled or self.steps - self._troubled[-1] > WINDOW
        return quiet and self._above == 0

    def rolled_back(self) -> None:
        """What was measured since belongs to a run that is no more."""
        self._troubled.clear()
        self._norms.clear()
        self._above = 0

    def note(self, message: str, step: int | None = None) -> None:
        at = self.steps if step is None else step
        self.recording.events.append(Event("guard", message, at))
        log.warning("step %d: %s", at, message)

    def _judge(self, loss: float, norm: float) -> Verdict:
        if not math.isfinite(loss) or not math.isfinite(norm):
            return Verdict("skip", f"the {'gradient' if math.isfinite(loss) else 'loss'} is not finite")
        if len(self._first) < BEGINNING:
            self._first.append(loss)
        bound = 2 * max(self._first) if len(self._first) == BEGINNING else math.inf
        self._above = self._above + 1 if loss > min(bound, FAR * self._first[0]) > 0 else 0
        if self._above >= self.patience:
            return Verdict("roll back", f"{self._above} losses in a row far above those of the beginning")
        return self._clipped(norm)

    def _clipped(self, norm: float) -> Verdict:
        verdict = Verdict("step")
        if len(self._norms) >= LEAST and norm > 0:
            usual = np.log(np.array(self._norms))
            median = float(np.median(usual))
            deviation = max(MAD * float(np.median(np.abs(usual - median))), TENFOLD / self.threshold)
            score = (math.log(norm) - median) / deviation
            if score > self.threshold:
                bound = math.exp(median + self.threshold**2 / score * deviation)
                verdict = Verdict("clip", f"gradient norm {norm:.3g}, {score:.3g} deviations above the usual", bound)
                norm = bound
        if norm > 0:
            self._norms.append(norm)
        return verdict
