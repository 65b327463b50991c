"""Is the variant better, beyond what the seeds alone change? Pure arithmetic on paired metrics."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

MINIMAL_EFFECT = 0.01  # of an accuracy or an R²: less is not worth a change of the source
MINIMAL_PREDICTIONS = 5  # an accuracy must gain this many predictions: sign test, 2⁻⁵ < 0.05
# Student's t, one-sided 5 %, for 1, 2, … degrees of freedom; beyond the table its last entry, which is stricter.
CRITICAL_T = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833)


class Outcome(NamedTuple):
    """The task metric of one run. `value` None: it gave none; `chance`: what the best constant prediction scores."""

    metric: str | None
    value: float | None
    chance: float | None = None
    predictions: int = 0  # behind `value`


class Pair(NamedTuple):
    """Two runs with the same seed. Their scores are their values, but never below chance.

    A model worse than a constant prediction is worth no more than the constant, however much worse it is. So no metric
    at all, NaN, and an R² of −10⁶ are the same failure, and climbing from −10⁶ to −10, or to chance, is no cure.
    """

    before: Outcome
    after: Outcome

    @property
    def chance(self) -> float:
        """What a constant scores: 0 (an R² of 0, or any accuracy) where neither run could tell."""
        known = [run.chance for run in self if run.chance is not None and math.isfinite(run.chance)]
        return max(known, default=0.0)

    @property
    def scores(self) -> tuple[float, float]:
        before, after = (
            self.chance if run.value is None or not math.isfinite(run.value) else max(run.value, self.chance)
            for run in self
        )
        return before, after

    @property
    def gain(self) -> float:
        before, after = self.scores
        return after - before


class Verdict(NamedTuple):
    accepted: bool
    reason: str


def incomparable(pairs: Sequence[Pair]) -> Verdict | None:
    """Why no verdict is possible, None when one is."""
    metrics = {outcome.metric for pair in pairs for outcome in pair if outcome.metric is not None}
    if len(metrics) > 1:
        names = " and ".join(sorted(metrics))
        return Verdict(False, f"The two versions have different metrics ({names}), which cannot be compared.")
    if all(outcome.value is None for pair in pairs for outcome in pair):
        return Verdict(False, "Neither version gave a task metric, so there is nothing to compare.")
    return None


def hopeless(pair: Pair) -> Verdict | None:
    """Why the other seeds need not be run after the first pair, None when they are worth it.

    With up to three seeds this gives nothing away: neither test of `judge` can pass unless every pair improves.
    """
    problem = incomparable([pair])
    if problem is not None or pair.gain > 0:
        return problem
    name, before, after = pair.before.metric or pair.after.metric, pair.before, pair.after
    if after.value is None:
        return Verdict(False, f"The changed version gave no {name}; the original's is {_number(before.value)}.")
    change = f"{_number(before.value)} before, {_number(after.value)} after"
    if pair.scores == (pair.chance, pair.chance):
        return Verdict(False, f"No better than a constant prediction with or without the change: {name} {change}.")
    return Verdict(False, f"{name} did not rise with the first seed: {change}.")


def judge(pairs: Sequence[Pair]) -> Verdict:
    """Accept when the mean gain is worth having and beyond the seeds' noise, which either of two tests may see.

    - Every run with the change beats every run without it: the exact rank-sum test, p = 1/C(2n, n) ≤ 5 % from three
      seeds on. It sees a cure that ends a lottery (0.2, 0.8, 0.9 → 1, 1, 1), which the t-test takes for noise.
    - The one-sided paired t-test at 5 %. It sees a small gain of every seed under large differences between seeds.

    A change without effect passes one of them in about 7 % of trials (both at 5 %, so never in more than 10 %), before
    the gain's size is asked for. Runs that do not depend on the seed have no noise. One pair says nothing about it.
    """
    if not pairs:
        return Verdict(False, "No budget was left to run it.")
    problem = hopeless(pairs[0]) if len(pairs) == 1 else incomparable(pairs)
    if problem is not None:
        return problem
    name = next(outcome.metric for pair in pairs for outcome in pair if outcome.metric is not None)
    if any(pair.after.value is None for pair in pairs):
        return Verdict(False, f"The changed version does not give the {name} with every seed.")
    gains = [pair.gain for pair in pairs]
    mean = statistics.fmean(gains)
    if len(pairs) == 1:
        return Verdict(False, f"{name} rose by {mean:.3g}, but one seed, all the budget allowed, shows no noise.")
    error = statistics.stdev(gains) / math.sqrt(len(gains))
    held = any(score != run.value for pair in pairs for score, run in zip(pair.scores, pair, strict=True))
    above = " above chance" if held else ""  # what lies below chance is not counted: the seeds show more
    seen = f"{name} {'rose' if mean > 0 else 'fell'} by {abs(mean):.3g}{above} on average over {len(gains)} seeds"
    if mean < minimal_effect(pairs):
        return Verdict(False, f"{seen}, less than the {minimal_effect(pairs):.3g} that would count.")
    before, after = zip(*(pair.scores for pair in pairs), strict=True)
    if len(pairs) >= 3 and min(after) > max(before):
        return Verdict(True, f"{seen}, and the worst seed with the change beats the best one without it.")
    if mean > CRITICAL_T[min(len(gains) - 1, len(CRITICAL_T)) - 1] * error:
        return Verdict(True, f"{seen} (standard error {error:.2g}): better beyond seed noise.")
    return Verdict(False, f"{seen} (standard error {error:.2g}): not beyond seed noise.")


def outlasts(pairs: Sequence[Pair]) -> Verdict:
    """Of runs without a task metric: accept what keeps the loss a number to the end with every seed, where the original
    does not. How far the original comes is chance; that the changed version comes to the end each time is not."""
    ended = sum(pair.before.value == 1 for pair in pairs)
    if any(pair.after.value != 1 for pair in pairs):
        return Verdict(False, "The changed version does not keep its loss finite and falling with every seed.")
    said = f"the loss stays finite and falls with all {len(pairs)} seeds; without the change with {ended} of them"
    return Verdict(len(pairs) > 1 and ended < len(pairs), f"There is no task metric, but {said}.")


def minimal_effect(pairs: Sequence[Pair]) -> float:
    """The least mean gain that counts."""
    counts = [pair.after.predictions for pair in pairs if pair.after.predictions and pair.after.metric != "r2"]
    return max(MINIMAL_EFFECT, MINIMAL_PREDICTIONS / min(counts)) if counts else MINIMAL_EFFECT


def leaves_something(values: Sequence[float | None]) -> bool:
    """Whether a metric that is at best 1 could still rise by what counts."""
    return statistics.fmean(value if value is not None else 0.0 for value in values) < 1 - MINIMAL_EFFECT


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"


__all__ = [
    "Outcome",
    "Pair",
    "Verdict",
    "hopeless",
    "incomparable",
    "judge",
    "leaves_something",
    "minimal_effect",
    "outlasts",
]
